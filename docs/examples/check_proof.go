// Checks a `.tlog-proof` file with the Go project's own packages, none of ours:
// golang.org/x/mod/sumdb/note for the signature, golang.org/x/mod/sumdb/tlog for the tree.
//
//	go run check_proof.go dec.tlog-proof log.key
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func hash(line string) (found tlog.Hash) {
	copy(found[:], must(base64.StdEncoding.DecodeString(line)))
	return found
}

func main() {
	log.SetFlags(0)
	file := string(must(os.ReadFile(os.Args[1])))
	key := strings.TrimSpace(string(must(os.ReadFile(os.Args[2]))))

	way, checkpoint, _ := strings.Cut(file, "\n\n")
	lines := strings.Split(way, "\n")
	var extra struct{ Entry []byte }
	text := must(base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra ")))
	if err := json.Unmarshal(text, &extra); err != nil {
		log.Fatal(err)
	}
	index := must(strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64))
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		proof = append(proof, hash(line))
	}

	signed := must(note.Open([]byte(checkpoint), note.VerifierList(must(note.NewVerifier(key)))))
	head := strings.Split(signed.Text, "\n")
	size := must(strconv.ParseInt(head[1], 10, 64))
	err := tlog.CheckRecord(proof, size, hash(head[2]), index, tlog.RecordHash(extra.Entry))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("entry %d of %d stands in %s, signed by %s\n", index, size, head[0], signed.Sigs[0].Name)
}

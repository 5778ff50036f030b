/** Time stamps (RFC 3161), as far as a page can read them. */
import { sha256 } from '@noble/hashes/sha2.js'
import { hex } from './bytes.js'
import { Refused } from './refused.js'

/**
 * Each stamp over this very checkpoint: its SHA-256 stands in it, as RFC 3161 writes one. Who
 * stamped is not checked here.
 *
 * @param {{ stamps: Uint8Array[], proof: import('./log_proof.js').LogProof }} file
 */
export function checkStamps(file) {
  const imprint = `0420${hex(sha256(file.proof.text))}`
  file.stamps.forEach((token, at) => {
    if (!hex(token).includes(imprint))
      throw new Refused('stamp_of_another', { field: `stamps[${at}]` })
  })
}

<?php
// Ask from PHP 8 (with its curl extension) whether somebody may be contacted.
//
//     php may_we.php someone@example.org newsletter

declare(strict_types=1);

function may_we(array $subject, string $purpose, string $server, string $key): array
{
    $no = ['allowed' => false, 'because' => 'unavailable'];
    $call = curl_init($server . '/v1/permissions');
    curl_setopt_array($call, [
        CURLOPT_POSTFIELDS => json_encode(['subject' => $subject, 'purpose' => $purpose], JSON_THROW_ON_ERROR),
        CURLOPT_HTTPHEADER => ["Authorization: Bearer $key", 'Content-Type: application/json'],
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_FOLLOWLOCATION => false,
        CURLOPT_TIMEOUT => 5,
    ]);
    $answer = curl_exec($call);
    if ($answer === false || curl_getinfo($call, CURLINFO_RESPONSE_CODE) !== 200) {
        return $no;
    }
    $said = json_decode($answer, true);
    // Only a plain true is a yes.
    return is_array($said) && is_bool($said['allowed'] ?? null) ? $said : $no;
}

if (realpath($argv[0]) === __FILE__) {
    [, $email, $purpose] = $argv;
    $may = may_we(['email' => $email], $purpose, getenv('CONSENT_SERVER'), getenv('CONSENT_KEY'));
    echo $may['allowed'] === true ? "yes\n" : "no: {$may['because']}\n";
}

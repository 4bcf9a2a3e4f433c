#!/bin/sh
# Two people exchange a message through a running server, by hand: curl, openssl 3 and a little shell.
#
#     sh docs/two-people.sh [URL]          URL is http://127.0.0.1:8080 if left out
#
# The encryption is a toy: one Diffie-Hellman and a stream cipher, no ratchet, no authentication. It shows which key goes where, and that the
# server sees none of the private ones. A real client uses the Double Ratchet, for instance by libsignal (docs/protocol.md, Appendix A).
set -eu
url=${1:-http://127.0.0.1:8080}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

b64()   { base64 -w 0 "$1"; }                                      # a file as Base64, on one line
field() { sed 's/\\u002[Bb]/+/g' | grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }   # the first member of that name
part()  { grep -o "\"$1\": *{[^}]*}" | head -n 1; }                # the first object of that name

# call FILE …: a call whose answer goes to FILE; an error's answer says what is wrong.
call() { answer=$1; shift; curl -sS --fail-with-body -o "$answer" "$@" || { cat "$answer" >&2 2> /dev/null; echo >&2; exit 1; }; }

# A key pair in $1.pem, its public key as 32 raw bytes in $1.pub. A public key in DER is a fixed head and those 32 bytes.
new_key() {
  openssl genpkey -algorithm "$2" -out "$1.pem"
  openssl pkey -in "$1.pem" -pubout -outform DER | tail -c 32 > "$1.pub"
}
x25519_head()  { printf '\060\052\060\005\006\003\053\145\156\003\041\000'; }    # RFC 8410
ed25519_head() { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; }

# register NAME: makes all keys of a device and an account with them; the access token is in NAME.token.
register() {
  new_key "$1.identity" X25519          # who this is, in key exchanges
  new_key "$1.signing" ED25519          # who this is, in signatures
  new_key "$1.signed" X25519            # the prekey that others begin a session with
  new_key "$1.once" X25519              # a prekey that the server hands out once
  openssl pkeyutl -sign -rawin -inkey "$1.signing.pem" -in "$1.signed.pub" -out "$1.signature"
  cat > "$1.json" <<JSON
{ "public_id": "$1", "password": "$(openssl rand -hex 16)",
  "identity_key": "$(b64 "$1.identity.pub")",
  "signing_public_key": "$(b64 "$1.signing.pub")",
  "signed_prekey": { "key_id": 1, "public_key": "$(b64 "$1.signed.pub")", "signature": "$(b64 "$1.signature")" },
  "one_time_prekeys": [ { "key_id": 1, "public_key": "$(b64 "$1.once.pub")" } ] }
JSON
  call "$1.answer" --json "@$1.json" "$url/auth/register"
  field access_token < "$1.answer" > "$1.token"
  field user_id < "$1.answer" > "$1.id"
  echo "$1 is registered as $(cat "$1.id")"
}

# as NAME FILE …: a call with NAME's access token.
as() { who=$1 file=$2; shift 2; call "$file" -H "Authorization: Bearer $(cat "$who.token")" "$@"; }

# crypt OWN.pem OTHER.der: encrypts or decrypts stdin with the secret that the two keys share.
crypt() {
  openssl pkey -pubin -inform DER -in "$2" -out "$2.pem"
  openssl pkeyutl -derive -inkey "$1" -peerkey "$2.pem" -out "$2.shared"
  openssl enc -aes-256-ctr -K "$(sha256sum < "$2.shared" | cut -d ' ' -f 1)" -iv 00000000000000000000000000000000
}

suffix=$(openssl rand -hex 3)             # so that the script can run again: a name is given once
alice=alice_$suffix bob=bob_$suffix
register "$alice"
register "$bob"

# Bob notes where the stream stands, so that he can ask later for what he missed.
as "$bob" now "$url/api/v1/sync"
since=$(field cursor < now)

# Alice fetches Bob's keys and checks that the signed prekey is his.
as "$alice" bundle "$url/users/$bob/prekeys"
part signed_prekey < bundle > prekey
field public_key < prekey | base64 -d > prekey.pub
field signature < prekey | base64 -d > prekey.signature
{ ed25519_head; field signing_public_key < bundle | base64 -d; } > bob.signing.der
openssl pkey -pubin -inform DER -in bob.signing.der -out bob.signing.pem
openssl pkeyutl -verify -rawin -pubin -inkey bob.signing.pem -in prekey.pub -sigfile prekey.signature

# She opens a chat, encrypts with a key for this one message, and sends: her public key, then the ciphertext.
as "$alice" chat --json "{ \"participant_ids\": [\"$(cat "$bob.id")\"] }" "$url/api/v1/chats"
new_key ephemeral X25519
{ x25519_head; cat prekey.pub; } > prekey.der
{ cat ephemeral.pub; printf 'Hello Bob, this is Alice.' | crypt ephemeral.pem prekey.der; } > payload
echo "{ \"chat_id\": \"$(field chat_id < chat)\", \"message_type\": \"toy\", \"encrypted_payload\": \"$(b64 payload)\" }" > message.json
as "$alice" sent --json @message.json "$url/api/v1/messages"
echo "$alice sent $(field message_id < sent)"

# Bob asks for what happened since, and decrypts with the private half of his signed prekey.
as "$bob" events "$url/api/v1/sync?since=$since"
field encrypted_payload < events | base64 -d > received
{ x25519_head; head -c 32 received; } > sender.der
echo "$bob reads: $(tail -c +33 received | crypt "$bob.signed.pem" sender.der)"

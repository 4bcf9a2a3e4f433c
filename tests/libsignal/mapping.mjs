// Appendix A of docs/protocol.md: libsignal's keys and signatures as Mimu has them, and back.
import { signal } from './libsignal.mjs';

const p = 2n ** 255n - 19n;
const EC_TYPE = 0x05;
const KYBER_TYPE = 0x08;

export const base64 = bytes => Buffer.from(bytes).toString('base64');
export const bytes = base64 => Buffer.from(base64, 'base64');

/** A serialised public key without its type byte. */
export function raw(key) {
  return Buffer.from(key.serialize()).subarray(1);
}

export function ecKey(rawKey) {
  return signal.PublicKey.deserialize(Buffer.concat([Buffer.of(EC_TYPE), rawKey]));
}

export function kyberKey(rawKey) {
  return signal.KEMPublicKey.deserialize(Buffer.concat([Buffer.of(KYBER_TYPE), rawKey]));
}

/** The Edwards form of the identity key; `signature` is any one that was made with it. */
export function signingKey(identityKey, signature) {
  const u = BigInt('0x' + Buffer.from(raw(identityKey)).reverse().toString('hex'));
  const y = mod((u - 1n) * power(mod(u + 1n), p - 2n));
  const key = Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
  key[31] |= signature[63] & 0x80;
  return key;
}

/** libsignal's signature as plain Ed25519. */
export function toMimu(signature) {
  const plain = Buffer.from(signature);
  plain[63] &= 0x7f;
  return plain;
}

export function fromMimu(signature, signingPublicKey) {
  const signals = Buffer.from(signature);
  signals[63] |= signingPublicKey[31] & 0x80;
  return signals;
}

function mod(number) {
  return ((number % p) + p) % p;
}

function power(base, exponent) {
  let result = 1n;
  for (; exponent > 0n; exponent >>= 1n, base = mod(base * base)) {
    if (exponent & 1n) {
      result = mod(result * base);
    }
  }
  return result;
}

// Somebody with an account on Mimu whose client is built on libsignal.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { signal } from './libsignal.mjs';
import { base64, bytes, ecKey, fromMimu, kyberKey, raw, signingKey, toMimu } from './mapping.mjs';
import { Connection } from './server.mjs';
import { Identities, KyberPrekeys, Prekeys, SenderKeys, Sessions, SignedPrekeys } from './stores.mjs';

const PREKEY = signal.CiphertextMessageType.PreKey;

export class Person extends Connection {
  password = base64(randomBytes(16));
  registrationId = randomInt(1, 16381);
  senderKeys = new SenderKeys();

  constructor(publicId) {
    super();
    this.publicId = publicId;
  }

  /** A new identity. Half of all have the top bit in their signatures, and both halves must work. */
  newIdentity(topBit) {
    let signature;
    do {
      this.identity = signal.IdentityKeyPair.generate();
      signature = this.identity.privateKey.sign(randomBytes(1));
    } while (signature[63] >> 7 !== topBit);
    this.signingKey = signingKey(this.identity.publicKey, signature);
    this.sessions = new Sessions();
    this.identities = new Identities(this.identity, this.registrationId);
    this.prekeys = new Prekeys();
    this.signedPrekeys = new SignedPrekeys();
    this.kyberPrekeys = new KyberPrekeys();
  }

  async signedPrekey(id) {
    const pair = signal.PrivateKey.generate();
    const signature = this.identity.privateKey.sign(pair.getPublicKey().serialize());
    await this.signedPrekeys.saveSignedPreKey(id, signal.SignedPreKeyRecord.new(id, Date.now(), pair.getPublicKey(), pair, signature));
    return { key_id: id, public_key: base64(raw(pair.getPublicKey())), signature: base64(toMimu(signature)) };
  }

  async oneTimePrekey(id) {
    const pair = signal.PrivateKey.generate();
    await this.prekeys.savePreKey(id, signal.PreKeyRecord.new(id, pair.getPublicKey(), pair));
    return { key_id: id, public_key: base64(raw(pair.getPublicKey())) };
  }

  async kyberPrekey(id) {
    const pair = signal.KEMKeyPair.generate();
    const signature = this.identity.privateKey.sign(pair.getPublicKey().serialize());
    await this.kyberPrekeys.saveKyberPreKey(id, signal.KyberPreKeyRecord.new(id, Date.now(), pair, signature));
    return { key_id: id, public_key: base64(raw(pair.getPublicKey())), signature: base64(toMimu(signature)) };
  }

  /** The keys of a registration: one signed prekey, a last resort, and `count` one-time prekeys of either kind. */
  async keys(count) {
    const ids = Array.from({ length: count }, (_, index) => index + 2);
    this.kyberPrekeys.lastResort = 1;
    return {
      identity_key: base64(raw(this.identity.publicKey)),
      signing_public_key: base64(this.signingKey),
      signed_prekey: await this.signedPrekey(1),
      one_time_prekeys: await Promise.all(ids.map(id => this.oneTimePrekey(id))),
      pq_last_resort_prekey: await this.kyberPrekey(1),
      pq_one_time_prekeys: await Promise.all(ids.map(id => this.kyberPrekey(id))),
    };
  }

  async registration(count) {
    return { public_id: this.publicId, password: this.password, signal_registration_id: this.registrationId, ...await this.keys(count) };
  }

  async register(count) {
    this.signIn(await this.call('POST', '/auth/register', await this.registration(count), 201));
    await this.follow();
  }

  signIn(tokens) {
    this.token = tokens.access_token;
    this.userId = tokens.user_id;
    this.address = signal.ProtocolAddress.new(tokens.user_id, tokens.device_id);
  }

  /** What is left of one's own one-time prekeys, and which signed one there is. */
  counts() {
    return this.call('GET', '/users/me/prekeys');
  }

  /** Fetches somebody's keys and begins a session with them. The keys that were handed out. */
  async beginSession(other) {
    const got = await this.call('GET', `/users/${other.publicId}/prekeys`);
    const identity = ecKey(bytes(got.identity_key));
    const signing = bytes(got.signing_public_key);
    assert.equal(got.signal_registration_id, other.registrationId);
    const bundle = signal.PreKeyBundle.new(
      got.signal_registration_id, got.device_id,
      got.one_time_prekey && got.one_time_prekey.key_id, got.one_time_prekey && ecKey(bytes(got.one_time_prekey.public_key)),
      got.signed_prekey.key_id, ecKey(bytes(got.signed_prekey.public_key)), fromMimu(bytes(got.signed_prekey.signature), signing),
      identity,
      got.pq_prekey.key_id, kyberKey(bytes(got.pq_prekey.public_key)), fromMimu(bytes(got.pq_prekey.signature), signing));
    await signal.processPreKeyBundle(bundle, signal.ProtocolAddress.new(got.user_id, got.device_id), this.address, this.sessions, this.identities);
    return got;
  }

  async encrypt(other, plain) {
    return signal.signalEncrypt(Buffer.from(plain), other.address, this.address, this.sessions, this.identities);
  }

  /** Encrypts for somebody and sends it; the message as the server has it. */
  async send(chat, other, plain, type) {
    const cipher = await this.encrypt(other, plain);
    return this.post(chat, cipher.serialize(), type ?? (cipher.type() === PREKEY ? 'prekey' : 'message'));
  }

  post(chat, payload, type) {
    return this.call('POST', '/api/v1/messages', { chat_id: chat, encrypted_payload: base64(payload), message_type: type }, 201);
  }

  /** The new messages of others. */
  async received() {
    return (await this.events('NewMessage')).filter(message => message.sender_id !== this.userId);
  }

  async decrypt(message) {
    const sender = signal.ProtocolAddress.new(message.sender_id, message.sender_device_id);
    const payload = bytes(message.encrypted_payload);
    const plain = message.message_type === 'prekey'
      ? await signal.signalDecryptPreKey(signal.PreKeySignalMessage.deserialize(payload), sender, this.address, this.sessions, this.identities,
        this.prekeys, this.signedPrekeys, this.kyberPrekeys)
      : await signal.signalDecrypt(signal.SignalMessage.deserialize(payload), sender, this.address, this.sessions, this.identities);
    return Buffer.from(plain);
  }

  /** The texts of the new messages, in their order. */
  async read() {
    const texts = [];
    for (const message of await this.received()) {
      texts.push((await this.decrypt(message)).toString());
    }
    return texts;
  }
}

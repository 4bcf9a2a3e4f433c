// Two people whose clients are built on the official libsignal talk through a running Mimu, as appendix A of docs/protocol.md says.
// node test.mjs http://127.0.0.1:8080
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { signal } from './libsignal.mjs';
import { base64, bytes, raw, toMimu } from './mapping.mjs';
import { Person } from './person.mjs';

const alice = new Person('alice');
const bob = new Person('bob');
let chat;

await step('what is signed wrongly is refused', async () => {
  bob.newIdentity(1);
  const good = await bob.registration(1);
  const tampered = bytes(good.signed_prekey.signature);
  tampered[0] ^= 1;
  await refusedFor(['signed_prekey.signature'], { ...good, signed_prekey: { ...good.signed_prekey, signature: base64(tampered) } });
  const asLibsignalMadeIt = bytes(good.signed_prekey.signature);
  asLibsignalMadeIt[63] |= 0x80;
  await refusedFor(['signed_prekey.signature'], { ...good, signed_prekey: { ...good.signed_prekey, signature: base64(asLibsignalMadeIt) } });
  const ofAnother = { ...good.pq_last_resort_prekey, public_key: good.pq_one_time_prekeys[0].public_key };
  await refusedFor(['pq_last_resort_prekey.signature'], { ...good, pq_last_resort_prekey: ofAnother });
  const otherSign = bytes(good.signing_public_key);
  otherSign[31] ^= 0x80;
  await refusedFor(['signed_prekey.signature', 'pq_last_resort_prekey.signature', 'pq_one_time_prekeys[0].signature'],
    { ...good, signing_public_key: base64(otherSign) });
});

await step('two people register with libsignal keys, one of either sign', async () => {
  alice.newIdentity(0);
  await alice.register(2);
  bob.newIdentity(1);
  await bob.register(2);
  const stored = await alice.call('GET', '/users/bob');
  assert.equal(stored.identity_key, base64(raw(bob.identity.publicKey)));
  assert.equal(stored.signing_public_key, base64(bob.signingKey));
});

await step('keys are added after registration', async () => {
  const signed_prekey = await bob.signedPrekey(2);
  const added = { signed_prekey, one_time_prekeys: [await bob.oneTimePrekey(4)], pq_one_time_prekeys: [await bob.kyberPrekey(4)] };
  const counts = await bob.call('POST', '/users/me/prekeys', added);
  assert.deepEqual(counts, { one_time_prekey_count: 3, pq_one_time_prekey_count: 3, signed_prekey_id: 2 });
  const lastResort = await bob.kyberPrekeys.getKyberPreKey(1);
  const digest = createHash('sha256').update(raw(bob.identity.publicKey)).update(bigEndian(2)).update(bytes(signed_prekey.public_key))
    .update(bigEndian(1)).update(raw(lastResort.publicKey())).digest();
  await bob.call('POST', '/users/me/prekeys/check', { digest: base64(digest) }, 204);
});

await step('Alice opens a chat and begins a session with the keys that the server hands out', async () => {
  chat = (await alice.call('POST', '/api/v1/chats', { participant_ids: [bob.userId] }, 201)).chat_id;
  assert.deepEqual((await bob.events('ChatCreated')).map(created => created.chat_id), [chat]);
  const got = await alice.beginSession(bob);
  assert.equal(got.signed_prekey.key_id, 2);
  assert.equal(got.one_time_prekey.key_id, 2);
  assert.equal(got.pq_prekey.last_resort, false);
  const left = await bob.counts();
  assert.equal(left.one_time_prekey_count, 2);
  assert.equal(left.pq_one_time_prekey_count, 2);
});

await step('her first message reaches Bob, who has not heard of her before', async () => {
  const sent = await alice.send(chat, bob, 'Hello Bob, this is Alice.');
  assert.equal(sent.message_type, 'prekey');
  const [message] = await bob.received();
  assert.equal(message.encrypted_payload, sent.encrypted_payload);
  assert.equal((await bob.decrypt(message)).toString(), 'Hello Bob, this is Alice.');
  assert.ok((await bob.identities.getIdentity(alice.address)).equals(alice.identity.publicKey));
  await assert.rejects(bob.prekeys.getPreKey(2), 'libsignal removes a one-time prekey that was used');
  await assert.rejects(bob.decrypt(message), { code: signal.ErrorCode.DuplicatedMessage });
});

await step('they answer each other, and the ratchet turns', async () => {
  for (let round = 0; round < 3; round++) {
    assert.equal((await bob.send(chat, alice, `Bob ${round}`)).message_type, 'message');
    assert.deepEqual(await alice.read(), [`Bob ${round}`]);
    assert.equal((await alice.send(chat, bob, `Alice ${round}`)).message_type, 'message');
    assert.deepEqual(await bob.read(), [`Alice ${round}`]);
  }
});

await step('messages that are read in another order are read all the same', async () => {
  for (const text of ['one', 'two', 'three', 'four']) {
    await alice.send(chat, bob, text);
  }
  const messages = await bob.received();
  const texts = [];
  for (const index of [3, 0, 2, 1]) {
    texts.push((await bob.decrypt(messages[index])).toString());
  }
  assert.deepEqual(texts, ['four', 'one', 'three', 'two']);
});

await step('a WebSocket brings a message too', async () => {
  const socket = await alice.openSocket();
  await bob.send(chat, alice, 'at once');
  let event;
  do {
    event = await socket.next();
  } while (event.type !== 'NewMessage');
  socket.close();
  assert.equal((await alice.decrypt(event.data)).toString(), 'at once');
  assert.equal((await alice.received()).length, 1);
});

await step('a group talks with sender keys', async () => {
  const group = (await alice.call('POST', '/api/v1/chats', { participant_ids: [bob.userId], type: 'group' }, 201)).chat_id;
  const distribution = randomUUID();
  const key = await signal.SenderKeyDistributionMessage.create(alice.address, distribution, alice.senderKeys);
  await alice.send(chat, bob, key.serialize(), 'sender_key');
  const cipher = await signal.groupEncrypt(alice.address, distribution, alice.senderKeys, Buffer.from('Hello all'));
  await alice.post(group, cipher.serialize(), 'group');
  const [announced, message] = await bob.received();
  assert.equal(announced.message_type, 'sender_key');
  assert.equal(message.chat_id, group);
  const received = signal.SenderKeyDistributionMessage.deserialize(await bob.decrypt(announced));
  await signal.processSenderKeyDistributionMessage(alice.address, received, bob.senderKeys);
  const plain = await signal.groupDecrypt(alice.address, bob.senderKeys, bytes(message.encrypted_payload));
  assert.equal(Buffer.from(plain).toString(), 'Hello all');
});

await step('with no one-time prekey left a session begins with the signed one and the last resort', async () => {
  for (const left of [1, 0]) {
    await alice.call('GET', '/users/bob/prekeys');
    assert.equal((await bob.counts()).one_time_prekey_count, left);
  }
  for (const publicId of ['carol', 'dave']) {
    const newcomer = new Person(publicId);
    newcomer.newIdentity(0);
    await newcomer.register(0);
    const direct = (await newcomer.call('POST', '/api/v1/chats', { participant_ids: [bob.userId] }, 201)).chat_id;
    const got = await newcomer.beginSession(bob);
    assert.equal(got.one_time_prekey, null);
    assert.equal(got.pq_prekey.last_resort, true);
    await newcomer.send(direct, bob, `This is ${publicId}.`);
    assert.deepEqual(await bob.read(), [`This is ${publicId}.`]);
    await bob.send(direct, newcomer, 'Welcome');
    assert.deepEqual(await newcomer.read(), ['Welcome']);
  }
});

await step('the identity key of either sign proves who resets a password', async () => {
  for (const person of [alice, bob]) {
    const new_password = `${person.password} and more`;
    const timestamp = Math.floor(Date.now() / 1000);
    const signature = toMimu(person.identity.privateKey.sign(Buffer.from(`${new_password}${timestamp}`)));
    const proof = { public_id: person.publicId, new_password, timestamp, signature: base64(signature) };
    const wrong = { ...proof, new_password: 'something else' };
    await person.refused('POST', '/auth/reset-password', wrong, 403, 'signature_invalid');
    await person.call('POST', '/auth/reset-password', proof, 204);
    await person.refused('GET', '/users/me', undefined, 401, 'session_ended');
    await person.refused('POST', '/auth/login', { public_id: person.publicId, password: person.password }, 401, 'invalid_credentials');
    person.password = new_password;
    person.signIn(await person.call('POST', '/auth/login', { public_id: person.publicId, password: new_password }));
  }
});

await step('after a new identity Alice is told, libsignal mistrusts it until she accepts it, and they talk again', async () => {
  await alice.events();
  bob.newIdentity(0);
  await bob.call('PUT', '/users/me/keys', { password: bob.password, ...await bob.keys(1) });
  const fingerprint = createHash('sha256').update(raw(bob.identity.publicKey)).digest('hex');
  assert.deepEqual(await alice.events('IdentityChanged'), [{ user_id: bob.userId, public_id: 'bob', fingerprint }]);
  await bob.events();
  await assert.rejects(alice.beginSession(bob), { code: signal.ErrorCode.UntrustedIdentity });
  await alice.identities.saveIdentity(bob.address, bob.identity.publicKey);
  await alice.beginSession(bob);
  assert.equal((await alice.send(chat, bob, 'Is it you?')).message_type, 'prekey');
  assert.deepEqual(await bob.read(), ['Is it you?']);
  await bob.send(chat, alice, 'It is.');
  assert.deepEqual(await alice.read(), ['It is.']);
});

async function step(what, run) {
  await run().catch(error => {
    console.error(`FAILED: ${what}`);
    throw error;
  });
  console.log(`ok: ${what}`);
}

async function refusedFor(members, registration) {
  const problem = await bob.refused('POST', '/auth/register', registration, 422, 'validation_failed');
  assert.deepEqual(Object.keys(problem.errors), members);
}

function bigEndian(id) {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(id));
  return number;
}

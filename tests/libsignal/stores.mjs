// What libsignal asks its user to keep. Here it is kept in memory.
import { signal } from './libsignal.mjs';

const nameOf = address => `${address.name()}.${address.deviceId()}`;

export class Sessions extends signal.SessionStore {
  #records = new Map();

  async saveSession(address, record) {
    this.#records.set(nameOf(address), record.serialize());
  }

  async getSession(address) {
    const record = this.#records.get(nameOf(address));
    return record ? signal.SessionRecord.deserialize(record) : null;
  }

  async getExistingSessions(addresses) {
    return Promise.all(addresses.map(address => this.getSession(address)));
  }
}

/** Trusts who comes first; after that only whom its user has accepted with `saveIdentity`. */
export class Identities extends signal.IdentityKeyStore {
  #own;
  #registrationId;
  #others = new Map();

  constructor(own, registrationId) {
    super();
    this.#own = own;
    this.#registrationId = registrationId;
  }

  async getIdentityKey() {
    return this.#own.privateKey;
  }

  async getLocalRegistrationId() {
    return this.#registrationId;
  }

  async saveIdentity(address, key) {
    const known = await this.getIdentity(address);
    this.#others.set(nameOf(address), key);
    return known && !known.equals(key) ? signal.IdentityChange.ReplacedExisting : signal.IdentityChange.NewOrUnchanged;
  }

  async isTrustedIdentity(address, key) {
    const known = await this.getIdentity(address);
    return known === null || known.equals(key);
  }

  async getIdentity(address) {
    return this.#others.get(nameOf(address)) ?? null;
  }
}

class Records {
  #records = new Map();

  save(id, record) {
    this.#records.set(id, record);
  }

  get(id) {
    if (!this.#records.has(id)) {
      throw new Error(`There is no key ${id}.`);
    }
    return this.#records.get(id);
  }

  remove(id) {
    this.#records.delete(id);
  }
}

export class Prekeys extends signal.PreKeyStore {
  #records = new Records();

  async savePreKey(id, record) {
    this.#records.save(id, record);
  }

  async getPreKey(id) {
    return this.#records.get(id);
  }

  async removePreKey(id) {
    this.#records.remove(id);
  }
}

export class SignedPrekeys extends signal.SignedPreKeyStore {
  #records = new Records();

  async saveSignedPreKey(id, record) {
    this.#records.save(id, record);
  }

  async getSignedPreKey(id) {
    return this.#records.get(id);
  }
}

export class KyberPrekeys extends signal.KyberPreKeyStore {
  #records = new Records();
  lastResort = null;

  async saveKyberPreKey(id, record) {
    this.#records.save(id, record);
  }

  async getKyberPreKey(id) {
    return this.#records.get(id);
  }

  async markKyberPreKeyUsed(id) {
    if (id !== this.lastResort) {
      this.#records.remove(id);
    }
  }
}

export class SenderKeys extends signal.SenderKeyStore {
  #records = new Map();

  async saveSenderKey(sender, distributionId, record) {
    this.#records.set(`${nameOf(sender)} ${distributionId}`, record);
  }

  async getSenderKey(sender, distributionId) {
    return this.#records.get(`${nameOf(sender)} ${distributionId}`) ?? null;
  }
}

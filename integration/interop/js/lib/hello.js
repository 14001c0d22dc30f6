// Bindings and hello: docs/spec/network.md, Identity and Hello.
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { ripemd160 } from '@noble/hashes/legacy.js'
import { toBech32 } from '@cosmjs/encoding'
import { randomBytes } from 'node:crypto'
import { be64, equal, frames } from './bytes.js'
import { discovery, plain } from './protos.js'
import { Wire } from './wire.js'

const maxFrame = 1024
const lifetime = 12 * 3600
const longest = 24 * 3600
const [Hello, Binding] = [discovery('Hello'), discovery('Binding')]

const signedBytes = (b) => frames([
  ['domain', 'binding'], ['chain', b.chainId], ['account', b.account], ['peer', b.peerId], ['audience', b.audience],
  ['nonce', b.nonce], ['expiry', be64(b.expiry)],
])

const now = () => Math.floor(Date.now() / 1000)

export const accountOf = (publicKey) => toBech32('panacea', ripemd160(sha256(publicKey)))

// bind makes an account's statement that a peer speaks for it.
export function bind(chainId, secret, peerId, audience, nonce) {
  const publicKey = secp256k1.getPublicKey(secret, true)
  const b = { chainId, account: accountOf(publicKey), peerId, audience, nonce, expiry: now() + lifetime, publicKey }
  return { ...b, signature: secp256k1.sign(sha256(signedBytes(b)), secret, { prehash: false, lowS: true }) }
}

// check throws unless a binding is what its reader expects.
export function check(b, chainId, peerId, audience, nonce) {
  const wrong = (what) => { throw new Error(`binding is wrong: ${what}`) }
  if (b.chainId !== chainId || b.peerId !== peerId || b.audience !== audience || !equal(b.nonce, nonce)) wrong('it is for another use')
  const expiry = Number(b.expiry)
  if (expiry <= now() || expiry > now() + longest) wrong('its expiry')
  if (b.publicKey.length !== 33 || accountOf(b.publicKey) !== b.account) wrong('its key')
  if (!secp256k1.verify(b.signature, sha256(signedBytes(b)), b.publicKey, { prehash: false, lowS: true })) wrong('its signature')
}

// Identity is an account and the peer that speaks for it. tied says which accounts may learn
// the account.
export class Identity {
  constructor(chainId, secret, peerId, tied = () => false) {
    Object.assign(this, { chainId, secret, peerId: peerId.toString(), tied, known: new Map() })
  }

  // greet names this account to a peer, and returns the peer's if it names it in turn.
  async greet(stream, peer) {
    const wire = new Wire(stream, AbortSignal.timeout(10_000))
    const challenge = randomBytes(32)
    await wire.send(Hello, { challenge })
    const theirs = await wire.receive(Hello, maxFrame)
    await wire.send(Binding, bind(this.chainId, this.secret, this.peerId, peer, theirs.challenge))
    let answer
    try {
      answer = plain(Binding, await wire.receive(Binding, maxFrame))
    } catch {
      // This multiplexer shows no reset code: as after 0x70640003, the account is known there now.
      return null
    }
    this.#learn(answer, peer, challenge)
    wire.reset()
    return answer.account
  }

  // answer learns who opens hello, and names this account to those that may learn it.
  async answer(stream, peer) {
    const wire = new Wire(stream, AbortSignal.timeout(10_000))
    const challenge = randomBytes(32)
    const theirs = await wire.receive(Hello, maxFrame)
    if (theirs.challenge.length !== 32) throw new Error('a challenge of another length')
    await wire.send(Hello, { challenge })
    this.#learn(plain(Binding, await wire.receive(Binding, maxFrame)), peer, challenge)
    if (!(await this.tied(this.known.get(peer)))) throw new Error('no tie')
    await wire.send(Binding, bind(this.chainId, this.secret, this.peerId, peer, theirs.challenge))
    await wire.close()
  }

  #learn(binding, peer, challenge) {
    check(binding, this.chainId, peer, this.peerId, challenge)
    this.known.set(peer, binding.account)
  }
}

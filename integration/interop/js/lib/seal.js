// Keys of a dataset, its box and its ciphertext: docs/spec/exchange.md, sections 3 and 4.
import { hkdf, expand, extract } from '@noble/hashes/hkdf.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { blake3 } from '@noble/hashes/blake3.js'
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { be64, concat, equal, le64, utf8 } from './bytes.js'
import { element, g, hashToGroup, scalar, scalarBytes, wide } from './group.js'
import { rootOf, segmentSize } from './tree.js'

export const aes = 'AEAD_AES_256_GCM'
const ciphers = { [aes]: 'aes-256-gcm', AEAD_CHACHA20_POLY1305: 'chacha20-poly1305' }
const tagSize = 16
const plainSize = segmentSize - tagSize

function cipherName(aead) {
  if (!ciphers[aead]) throw new Error(`unknown cipher ${aead}`)
  return ciphers[aead]
}

function seal(aead, key, nonce, plaintext) {
  const cipher = createCipheriv(cipherName(aead), key, nonce, { authTagLength: tagSize })
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
}

function open(aead, key, nonce, sealed) {
  const cipher = createDecipheriv(cipherName(aead), key, nonce, { authTagLength: tagSize })
  cipher.setAuthTag(sealed.subarray(sealed.length - tagSize))
  return concat(cipher.update(sealed.subarray(0, sealed.length - tagSize)), cipher.final())
}

export const base = (S, nonce) => hashToGroup('dataset-base', S, nonce)
export const blockBase = (S, nonce, j) => hashToGroup('block-base', S, nonce, le64(j))

// secretOf derives the secret of a dataset from a seed.
export const secretOf = (seed, nonce) => wide(hkdf(sha512, seed, nonce, utf8('fx1/dataset-scalar'), 64))

const derive = (secret, what, aead, S, nonce, extra, size) =>
  expand(sha512, extract(sha512, secret, utf8('fx1/extract')),
    concat(utf8(`fx1/${what}+${aead}`), Uint8Array.of(0), S, nonce, extra), size)

// keysOf returns what M opens.
export function keysOf(M, aead, S, nonce) {
  const okm = derive(M, 'dataset', aead, S, nonce, new Uint8Array(), 108)
  return { boxKey: okm.subarray(0, 32), boxNonce: okm.subarray(32, 44), commit: okm.subarray(44, 76), blind: okm.subarray(76) }
}

export const commitment = (M, d, plaintext) => blake3(plaintext, { key: keysOf(M, d.aead, d.datasetKey, d.nonce).blind })

export const digest = (M, d, plaintext) =>
  blake3(plaintext, { key: derive(M, 'report', d.aead, d.datasetKey, d.nonce, new Uint8Array(), 32) })

// openBox returns the secret s of a dataset, or throws if M is not its key.
export function openBox(M, d) {
  const keys = keysOf(M, d.aead, d.datasetKey, d.nonce)
  if (!equal(keys.commit, d.keyCommit)) throw new Error('bad box: another key commitment')
  const s = scalar(open(d.aead, keys.boxKey, keys.boxNonce, d.box))
  if (!equal(g.multiply(s).toBytes(), d.datasetKey) || !equal(base(d.datasetKey, d.nonce).multiply(s).toBytes(), M)) {
    throw new Error('bad box: it holds the secret of another dataset')
  }
  return s
}

function segmentCipher(s, d, i) {
  const j = Math.floor(i / 16)
  const key = blockBase(d.datasetKey, d.nonce, j).multiply(s).toBytes()
  const okm = derive(key, 'block', d.aead, d.datasetKey, d.nonce, le64(j), 44)
  const nonce = Uint8Array.from(okm.subarray(32))
  be64(i).forEach((byte, at) => { nonce[4 + at] ^= byte })
  return [d.aead, okm.subarray(0, 32), nonce]
}

// unseal decrypts a ciphertext and checks size and commitment.
export function unseal(M, d, ciphertext) {
  const s = openBox(M, d)
  if (BigInt(ciphertext.length) !== BigInt(d.size) || ciphertext.length % segmentSize < tagSize) throw new Error('the ciphertext has another size')
  const out = []
  for (let i = 0; i * segmentSize < ciphertext.length; i++) {
    out.push(open(...segmentCipher(s, d, i), ciphertext.subarray(i * segmentSize, (i + 1) * segmentSize)))
  }
  const plaintext = concat(...out)
  if (!equal(commitment(M, d, plaintext), d.plaintextCommitment)) throw new Error('the plaintext has another commitment')
  return plaintext
}

// sealDataset seals a plaintext and returns what the chain learns of it, M, s and the ciphertext.
export function sealDataset(seed, nonce, aead, plaintext) {
  const s = secretOf(seed, nonce)
  const datasetKey = g.multiply(s).toBytes()
  const M = element(base(datasetKey, nonce).multiply(s)).toBytes()
  const keys = keysOf(M, aead, datasetKey, nonce)
  const d = { datasetKey, nonce, aead, keyCommit: keys.commit, box: seal(aead, keys.boxKey, keys.boxNonce, scalarBytes(s)) }
  const out = []
  // The last segment is always shorter than full.
  for (let i = 0; i * plainSize <= plaintext.length; i++) {
    out.push(seal(...segmentCipher(s, d, i), plaintext.subarray(i * plainSize, (i + 1) * plainSize)))
  }
  const ciphertext = concat(...out)
  return { s, M, ciphertext, dataset: { ...d, root: rootOf(ciphertext), size: ciphertext.length, plaintextCommitment: commitment(M, d, plaintext) } }
}

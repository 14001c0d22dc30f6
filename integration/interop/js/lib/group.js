// The group, its hashes and the proof engine: docs/spec/exchange.md, sections 1, 2 and 5.
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { randomBytes } from 'node:crypto'
import { be64, concat, frame, le32, le64 } from './bytes.js'

const { Point } = ristretto255
export const order = 2n ** 252n + 27742317777372353535851937790883648493n
const suite = 'fx1-CMPT-with-ristretto255-SHA512'

export const g = Point.BASE

// element decodes 32 bytes; the identity is refused wherever a statement has an element.
export function element(bytes) {
  const point = bytes instanceof Point ? bytes : Point.fromBytes(bytes)
  if (point.is0()) throw new Error('element is the identity')
  return point
}

const number = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

// scalar decodes 32 bytes below the order.
export function scalar(bytes) {
  const n = number(bytes)
  if (bytes.length !== 32 || n >= order) throw new Error('scalar is not canonical')
  return n
}

export function scalarBytes(n) {
  const out = new Uint8Array(32)
  for (let i = 0; i < 32; i++) out[i] = Number((n >> BigInt(8 * i)) & 0xffn)
  return out
}

// wide reduces 64 bytes modulo the order.
export const wide = (bytes) => number(bytes) % order

// times multiplies by any scalar, 0 included.
export const times = (point, n) => (n % order === 0n ? Point.ZERO : point.multiply(n % order))

// randomScalar returns a secret that is not 0.
export function randomScalar() {
  for (;;) {
    const n = wide(randomBytes(64))
    if (n !== 0n) return n
  }
}

function hash(kind, label, parts) {
  return sha512(concat(frame('suite', suite), frame(kind, label), ...parts.map((part) => frame('part', part))))
}

export const hashToGroup = (label, ...parts) => element(ristretto255_hasher.deriveToCurve(hash('h2g', label, parts)))
export const hashToScalar = (label, ...parts) => wide(hash('h2s', label, parts))

// A relation: its name, how many witnesses and elements (g included), and its equations. An
// equation has an image, a list of [element, subtracted], and terms, a list of [witness, element].
export const relations = {
  pop: { name: 'pop-v1', witnesses: 1, elements: 2, equations: [[[[1, 0]], [[0, 0]]]] },
  dleq: { name: 'dleq-v1', witnesses: 1, elements: 4, equations: [[[[1, 0]], [[0, 0]]], [[[3, 0]], [[0, 2]]]] },
  deliver: {
    name: 'deliver-v1',
    witnesses: 2,
    elements: 6,
    equations: [[[[1, 0]], [[0, 0]]], [[[4, 0]], [[1, 0]]], [[[5, 0]], [[0, 2], [1, 3]]]],
  },
  open: { name: 'open-v1', witnesses: 1, elements: 5, equations: [[[[1, 0]], [[0, 0]]], [[[3, 0], [4, 1]], [[0, 2]]]] },
}

function program(r) {
  const out = [le32(r.witnesses), le32(r.elements), le32(r.equations.length)]
  for (const [image, terms] of r.equations) {
    out.push(le32(image.length))
    for (const [of, minus] of image) out.push(le32(0xffffffff), le32(of), Uint8Array.of(minus))
    out.push(le32(terms.length))
    for (const [witness, of] of terms) out.push(le32(witness), le32(of), Uint8Array.of(0))
  }
  return concat(...out)
}

const sum = (points) => points.reduce((a, b) => a.add(b), Point.ZERO)
const right = (terms, all, values) => sum(terms.map(([witness, of]) => times(all[of], values[witness])))

function statement(r, context, elements) {
  return concat(
    frame('suite', suite), frame('relation', r.name), frame('program', program(r)), frame('context', context),
    ...elements.map((e) => frame('elem', e.toBytes())),
  )
}

const challenge = (said, commitments) => wide(sha512(concat(said, ...commitments.map((t) => frame('commit', t.toBytes())))))

// verify reports whether a proof about the elements after g holds in a context.
export function verify(r, context, elements, proof) {
  try {
    if (proof.length !== 32 * (1 + r.witnesses)) return false
    const points = elements.map(element)
    const all = [g, ...points]
    const [c, ...z] = Array.from({ length: 1 + r.witnesses }, (_, i) => scalar(proof.subarray(32 * i, 32 * i + 32)))
    const commitments = r.equations.map(([image, terms]) => {
      const left = element(sum(image.map(([of, minus]) => (minus ? all[of].negate() : all[of]))))
      return right(terms, all, z).subtract(times(left, c))
    })
    return challenge(statement(r, context, points), commitments) === c
  } catch {
    return false
  }
}

// prove returns a proof that verifies, or throws.
export function prove(r, context, elements, witnesses) {
  const points = elements.map(element)
  const all = [g, ...points]
  const said = statement(r, context, points)
  const nonces = witnesses.map((w, i) => wide(sha512(concat(
    frame('nonce', le32(i)), frame('entropy', randomBytes(64)), frame('witness', scalarBytes(w)), frame('statement', said),
  ))))
  const c = challenge(said, r.equations.map(([, terms]) => right(terms, all, nonces)))
  const proof = concat(scalarBytes(c), ...witnesses.map((w, i) => scalarBytes((nonces[i] + c * w) % order)))
  if (!verify(r, context, elements, proof)) throw new Error('the proof does not verify: the witness is wrong')
  return proof
}

// verifyBlocks judges the keys of several blocks at once; bases are their H_j.
export function verifyBlocks(context, S, nonce, indices, bases, keys, proof, blocks) {
  const rising = indices.every((j, i) => j < blocks && (i === 0 || j > indices[i - 1]))
  if (!rising || indices.length === 0 || indices.length !== keys.length) return false
  try {
    const points = keys.map(element)
    const all = concat(S, nonce, ...indices.flatMap((j, i) => [le64(j), keys[i]]))
    const weights = indices.map((_, i) => hashToScalar('batch-weight', context, all, be64(i)))
    const fold = (list) => sum(list.map((p, i) => times(p, weights[i])))
    return verify(relations.dleq, context, [S, fold(bases), fold(points)], proof)
  } catch {
    return false
  }
}


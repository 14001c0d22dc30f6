// The parts of BLAKE3 that libraries do not export: chaining values of chunk groups and nodes
// (docs/spec/transfer.md, section 1). Whole hashes are @noble/hashes'.
const iv = Uint32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19)
const permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
const chunkStart = 1
const chunkEnd = 2
const parent = 4
const root = 8

const rotate = (x, n) => (x >>> n) | (x << (32 - n))

function mix(v, a, b, c, d, x, y) {
  v[a] = v[a] + v[b] + x
  v[d] = rotate(v[d] ^ v[a], 16)
  v[c] = v[c] + v[d]
  v[b] = rotate(v[b] ^ v[c], 12)
  v[a] = v[a] + v[b] + y
  v[d] = rotate(v[d] ^ v[a], 8)
  v[c] = v[c] + v[d]
  v[b] = rotate(v[b] ^ v[c], 7)
}

function compress(value, block, counter, length, flags) {
  const v = new Uint32Array(16)
  v.set(value)
  v.set(iv.subarray(0, 4), 8)
  v[12] = counter >>> 0
  v[13] = Math.floor(counter / 2 ** 32)
  v[14] = length
  v[15] = flags
  let m = block
  for (let round = 0; round < 7; round++) {
    for (let i = 0; i < 4; i++) mix(v, i, 4 + i, 8 + i, 12 + i, m[2 * i], m[2 * i + 1])
    for (let i = 0; i < 4; i++) mix(v, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4), m[8 + 2 * i], m[9 + 2 * i])
    m = permutation.map((from) => m[from])
  }
  const out = new Uint32Array(8)
  for (let i = 0; i < 8; i++) out[i] = v[i] ^ v[i + 8]
  return out
}

function words(bytes) {
  const padded = new Uint8Array(64)
  padded.set(bytes)
  const view = new DataView(padded.buffer)
  return Array.from({ length: 16 }, (_, i) => view.getUint32(4 * i, true))
}

function bytesOf(value) {
  const out = new Uint8Array(32)
  const view = new DataView(out.buffer)
  value.forEach((word, i) => view.setUint32(4 * i, word, true))
  return out
}

function chunk(bytes, number, top) {
  let value = iv
  const blocks = Math.max(1, Math.ceil(bytes.length / 64))
  for (let i = 0; i < blocks; i++) {
    const part = bytes.subarray(64 * i, 64 * i + 64)
    const flags = (i === 0 ? chunkStart : 0) | (i === blocks - 1 ? chunkEnd | (top ? root : 0) : 0)
    value = compress(value, words(part), number, part.length, flags)
  }
  return bytesOf(value)
}

// node returns the chaining value over two children's, 64 bytes; top is the root of the tree.
export const node = (children, top) => bytesOf(compress(iv, words(children), 0, 64, parent | (top ? root : 0)))

// half returns the largest power of two that is less than n.
export const half = (n) => 2 ** Math.floor(Math.log2(n - 1))

// subtree returns the chaining value of bytes whose first chunk has the given number.
export function subtree(bytes, first, top) {
  if (bytes.length <= 1024) return chunk(bytes, first, top)
  const left = half(Math.ceil(bytes.length / 1024))
  const values = [subtree(bytes.subarray(0, 1024 * left), first, false), subtree(bytes.subarray(1024 * left), first + left, false)]
  return node(Buffer.concat(values), top)
}

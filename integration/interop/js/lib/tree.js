// The tree of a blob and its slices: docs/spec/transfer.md, sections 1 and 2.
import { blake3 } from '@noble/hashes/blake3.js'
import { base32 } from 'multiformats/bases/base32'
import { concat, equal, le64 } from './bytes.js'
import { half, node, subtree } from './blake3.js'

export const segmentSize = 65536
const prefix = Uint8Array.of(0x01, 0x55, 0x1e, 0x20)

export const segments = (size) => Math.ceil(size / segmentSize)
export const rootOf = (bytes) => blake3(bytes)
export const cidBytes = (root) => concat(prefix, root)
export const cidText = (root) => base32.encode(cidBytes(root))

// rootOfCID returns the root in the 36 bytes of a content address.
export function rootOfCID(cid) {
  if (cid.length !== 36 || !equal(cid.subarray(0, 4), prefix)) throw new Error('not the address of a blob')
  return cid.subarray(4)
}

const covers = (first, count, from, to) => first < to && from < first + count

// slice returns the slice of count segments from first on.
export function slice(blob, first, count) {
  const out = [le64(blob.length)]
  const value = (from, to, top) => {
    if (to - from === 1) return subtree(blob.subarray(from * segmentSize, to * segmentSize), 64 * from, top)
    return node(children(from, to), top)
  }
  const children = (from, to) => {
    const middle = from + half(to - from)
    return concat(value(from, middle, false), value(middle, to, false))
  }
  const write = (from, to) => {
    if (!covers(first, count, from, to)) return
    if (to - from === 1) {
      out.push(blob.subarray(from * segmentSize, to * segmentSize))
      return
    }
    out.push(children(from, to))
    const middle = from + half(to - from)
    write(from, middle)
    write(middle, to)
  }
  write(0, segments(blob.length))
  return concat(...out)
}

// readSlice reads the slice of count segments from first on, and returns the verified bytes of
// each segment. take(n) resolves with the next n bytes.
export async function readSlice(root, size, first, count, take) {
  if (!equal(await take(8), le64(size))) throw new Error('slice is about a blob of another size')
  const found = []
  const read = async (from, to, want, top) => {
    if (!covers(first, count, from, to)) return
    if (to - from === 1) {
      const bytes = await take(Math.min(segmentSize, size - from * segmentSize))
      if (!equal(subtree(bytes, 64 * from, top), want)) throw new Error(`segment ${from} does not verify`)
      found.push(bytes)
      return
    }
    const pair = await take(64)
    if (!equal(node(pair, top), want)) throw new Error(`a node over segment ${from} does not verify`)
    const middle = from + half(to - from)
    await read(from, middle, pair.subarray(0, 32), false)
    await read(middle, to, pair.subarray(32), false)
  }
  await read(0, segments(size), root, true)
  return found
}

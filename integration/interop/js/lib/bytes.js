// Bytes: docs/spec/README.md, Conventions of all pages.
const encoder = new TextEncoder()

export const utf8 = (text) => encoder.encode(text)
export const hex = (bytes) => Buffer.from(bytes).toString('hex')
export const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'))
export const equal = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0

export function concat(...parts) {
  return new Uint8Array(Buffer.concat(parts))
}

function integer(size, write) {
  const out = new Uint8Array(size)
  write(new DataView(out.buffer))
  return out
}

export const le32 = (n) => integer(4, (v) => v.setUint32(0, n, true))
export const le64 = (n) => integer(8, (v) => v.setBigUint64(0, BigInt(n), true))
export const be64 = (n) => integer(8, (v) => v.setBigUint64(0, BigInt(n), false))

// frame encodes one labelled value of what is hashed or signed.
export function frame(label, value) {
  const name = utf8(label)
  const bytes = typeof value === 'string' ? utf8(value) : value
  return concat(le32(name.length), name, le64(bytes.length), bytes)
}

// frames encodes [label, value] pairs in order.
export const frames = (pairs) => concat(...pairs.map(([label, value]) => frame(label, value)))

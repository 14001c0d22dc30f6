// Frames and streams: docs/spec/README.md, Protocols. A frame is a minimal varint length and
// that many bytes of protobuf.
import { byteStream } from '@libp2p/utils'
import { concat } from './bytes.js'

export function varint(n) {
  const out = []
  for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128)
  return Uint8Array.of(...out, n)
}

// Wire reads and writes a stream. Every read and write ends with the signal.
export class Wire {
  constructor(stream, signal = AbortSignal.timeout(30_000)) {
    this.stream = stream
    this.bytes = byteStream(stream)
    this.signal = signal
    this.within = false // a frame
  }

  async take(n) {
    if (n === 0) return new Uint8Array()
    return (await this.bytes.read({ bytes: n, signal: this.signal })).subarray()
  }

  async write(bytes) {
    await this.bytes.write(bytes, { signal: this.signal })
  }

  // length reads a minimal varint of at most max.
  async length(max) {
    let n = 0
    for (let scale = 1; ; scale *= 128) {
      const [byte] = await this.take(1)
      this.within = true
      n += (byte & 127) * scale
      if (n > max) throw new Error(`frame of more than ${max} bytes`)
      if (byte < 128) {
        if (byte === 0 && scale > 1) throw new Error('length of a frame is not minimal')
        return n
      }
    }
  }

  async receive(type, max) {
    const message = type.decode(await this.take(await this.length(max)))
    this.within = false
    return message
  }

  // ended reports whether an error says that the other side closed between two frames.
  ended(error) {
    return error.name === 'UnexpectedEOFError' && !this.within
  }

  async send(type, message) {
    const bytes = type.encode(type.fromObject(message)).finish()
    await this.write(concat(varint(bytes.length), bytes))
  }

  // close ends the write side.
  async close() {
    await this.stream.close({ signal: this.signal }).catch(() => {})
  }

  reset(error = new Error('stopped')) {
    this.stream.abort(error)
  }
}

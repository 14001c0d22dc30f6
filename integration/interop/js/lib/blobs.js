// Blobs on the wire: docs/spec/transfer.md, sections 3 to 5, one stream at a time.
import { hex } from './bytes.js'
import { transfer } from './protos.js'
import { readSlice, segments, slice } from './tree.js'
import { Wire } from './wire.js'

const maxFrame = 4096
const perRequest = 256
const [Request, Status] = [transfer('Request'), transfer('Status')]
const { CODE_OK: ok, CODE_NOT_FOUND: notFound, CODE_REFUSED: refused, CODE_BAD_REQUEST: bad } = transfer('Status').parent.lookupEnum('Code').values
const names = transfer('Status').parent.lookupEnum('Code').valuesById

// pull brings a whole blob over streams of one peer, every segment verified.
export async function pull(openStream, root, known) {
  const size = known ?? (await askSize(openStream, root))
  const found = []
  for (let first = 0; first < segments(size); first += perRequest) {
    const count = Math.min(perRequest, segments(size) - first)
    found.push(...(await ask(openStream, root, size, first, count)))
  }
  return new Uint8Array(Buffer.concat(found))
}

// askSize asks how long a blob is, and believes it only after its last segment verified.
async function askSize(openStream, root) {
  const size = await request(openStream, root, [], async (_, status) => Number(status.size))
  await ask(openStream, root, size, segments(size) - 1, 1)
  return size
}

const ask = (openStream, root, size, first, count) =>
  request(openStream, root, [{ first, count }], async (wire, status) => {
    if (Number(status.size) !== size) throw new Error('the holder states another size')
    return readSlice(root, size, first, count, (n) => wire.take(n))
  })

async function request(openStream, root, ranges, read) {
  const wire = new Wire(await openStream(), AbortSignal.timeout(60_000))
  try {
    await wire.send(Request, { root, ranges })
    await wire.close()
    const status = await wire.receive(Status, maxFrame)
    if (status.code !== ok) throw new Error(`the holder answers ${names[status.code]}`)
    return await read(wire, status)
  } finally {
    wire.reset()
  }
}

// Holder serves blobs: public ones to anybody, others to peers as mayPull says.
export class Holder {
  constructor(mayPull) {
    this.blobs = new Map()
    this.mayPull = mayPull
    this.served = 0
  }

  put(root, bytes, open) {
    this.blobs.set(hex(root), { root, bytes, open })
  }

  async answer(stream, peer) {
    const wire = new Wire(stream, AbortSignal.timeout(120_000))
    try {
      for (;;) {
        const asked = await wire.receive(Request, maxFrame)
        const code = await this.#judge(asked, peer)
        const blob = this.blobs.get(hex(asked.root))
        await wire.send(Status, { code, size: code === ok ? blob.bytes.length : 0 })
        if (code !== ok) break
        for (const { first, count } of asked.ranges) {
          await wire.write(slice(blob.bytes, Number(first), Number(count)))
          this.served += Number(count)
        }
      }
    } catch (error) {
      if (!wire.ended(error)) return wire.reset(error)
    }
    await wire.close()
  }

  // #judge looks at the form first, then at who asks, then at the blob.
  async #judge({ root, ranges }, peer) {
    let end = 0n
    let total = 0n
    for (const [first, count] of ranges.map((r) => [r.first, r.count].map((n) => BigInt(n.toString())))) {
      if (count < 1n || first < end || first + count >= 2n ** 64n) return bad
      end = first + count
      total += count
    }
    if (root.length !== 32 || ranges.length > 64 || total > perRequest) return bad
    const blob = this.blobs.get(hex(root))
    if (!blob) return notFound
    if (!blob.open && !(await this.mayPull(peer))) return refused
    return end > segments(blob.bytes.length) ? bad : ok
  }
}

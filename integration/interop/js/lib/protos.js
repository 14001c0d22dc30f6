// The messages, read from proto/ as they are: no code is generated.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import protobuf from 'protobufjs'

const folder = fileURLToPath(new URL('../../../../proto/', import.meta.url))

// What the chain's files take from the SDK; their other imports are options only.
const coin = `syntax = "proto3"; package cosmos.base.v1beta1; message Coin { string denom = 1; string amount = 2; }`
const pages = `syntax = "proto3"; package cosmos.base.query.v1beta1;
  message PageRequest { bytes key = 1; uint64 offset = 2; uint64 limit = 3; bool count_total = 4; bool reverse = 5; }
  message PageResponse { bytes next_key = 1; uint64 total = 2; }`

function loadAll() {
  const root = new protobuf.Root()
  const own = ['pdx/discovery/v1/discovery', 'pdx/transfer/v1/transfer', 'pdx/validation/v1/validation', 'pdx/voucher/v1/voucher']
  const chain = ['datapool', 'tx', 'query'].map((name) => `panacea/datapool/v3/${name}`)
  const local = new Set(readdirSync(folder, { recursive: true }))
  root.resolvePath = (_, target) => {
    if (target.startsWith(folder)) return target
    return local.has(target) ? join(folder, target) : null
  }
  protobuf.parse(coin, root)
  protobuf.parse(pages, root)
  root.loadSync([...own, ...chain].map((name) => join(folder, `${name}.proto`)))
  root.resolveAll()
  return root
}

const root = loadAll()

export const discovery = (name) => root.lookupType(`pdx.discovery.v1.${name}`)
export const transfer = (name) => root.lookupType(`pdx.transfer.v1.${name}`)
export const validation = (name) => root.lookupType(`pdx.validation.v1.${name}`)
export const voucher = (name) => root.lookupType(`pdx.voucher.v1.${name}`)
export const datapool = (name) => root.lookupType(`panacea.datapool.v3.${name}`)

// plain returns a decoded message as an object: 64-bit numbers as text, enums by name.
export const plain = (type, message) => type.toObject(message, { longs: String, enums: String, defaults: true, arrays: true })

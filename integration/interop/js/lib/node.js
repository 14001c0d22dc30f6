// A libp2p node of one chain: docs/spec/network.md.
import './polyfill.js'
import { createLibp2p } from 'libp2p'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { sha256 } from '@noble/hashes/sha2.js'
import { be64, frames } from './bytes.js'
import { Holder, pull } from './blobs.js'
import { Identity } from './hello.js'
import { cidBytes, rootOfCID } from './tree.js'
import { until } from './chain.js'

// presence is the DHT's key of a role in a pool.
export function presence(chainId, pool, role) {
  const message = frames([['domain', 'pdx/pool/v1'], ['chain', chainId], ['pool', be64(pool)], ['role', role]])
  return CID.createV1(0x55, Digest.create(0x12, sha256(message)))
}

// blobKey is the DHT's key of a blob.
export const blobKey = (root) => CID.decode(cidBytes(root))

// dialable returns the addresses of a peer that this node's transports may reach: none over UDP.
export const dialable = (addresses, id) => addresses
  .filter((a) => !a.includes('/udp/'))
  .map((a) => multiaddr(a.includes('/p2p/') ? a : `${a}/p2p/${id}`))

// Node is a peer with an account that holds and pulls blobs.
export class Node {
  static async start(chain, { webSocket = false, tied } = {}) {
    const libp2p = await createLibp2p({
      addresses: { listen: webSocket ? [] : ['/ip4/127.0.0.1/tcp/0'] },
      transports: [webSocket ? webSockets() : tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: {
        identify: identify(),
        ping: ping(),
        dht: kadDHT({
          protocol: `/pdx/${chain.id}/kad/1.0.0`, clientMode: true, peerInfoMapper: passthroughMapper, validators: {}, selectors: {},
        }),
      },
      connectionGater: { denyDialMultiaddr: () => false },
    })
    const node = new Node(chain, libp2p, tied)
    await node.#serve()
    return node
  }

  constructor(chain, libp2p, tied) {
    Object.assign(this, { chain, libp2p })
    this.identity = new Identity(chain.id, chain.secret, libp2p.peerId, tied)
    // What is not public is for those that may learn the account: the parties of its deals.
    this.holder = new Holder((peer) => this.identity.tied(this.identity.known.get(peer)))
  }

  account = (peer) => this.identity.known.get(peer)
  peerOf = (text) => peerIdFromString(text)

  protocol = (name) => `/pdx/${this.chain.id}/${name}/1`

  async #serve() {
    await this.handle('hello', (stream, peer) => this.identity.answer(stream, peer))
    await this.handle('blob', (stream, peer) => this.holder.answer(stream, peer))
  }

  // handle serves a protocol; an error resets the stream.
  async handle(name, answer) {
    await this.libp2p.handle(this.protocol(name), async (stream, connection) => {
      try {
        await answer(stream, connection.remotePeer.toString())
      } catch (error) {
        stream.abort(error)
      }
    })
  }

  // open greets a peer, which learns who asks, and opens a stream of a protocol.
  async open(id, name) {
    await this.greet(id)
    return this.libp2p.dialProtocol(id, this.protocol(name))
  }

  // join dials the validators that the chain names: they are the seeds of the DHT.
  async join() {
    const dials = (await this.chain.validators()).map((v) => this.libp2p.dial(dialable(v.addresses, v.peerId)))
    const results = await Promise.allSettled(dials)
    if (!results.some((r) => r.status === 'fulfilled')) throw new AggregateError(results.map((r) => r.reason), 'no validator can be reached')
  }

  async provide(cid) {
    for await (const _ of this.libp2p.services.dht.provide(cid)) continue
  }

  provideBlob = (root) => this.provide(blobKey(root))

  async *providers(cid, signal) {
    for await (const event of this.libp2p.services.dht.findProviders(cid, { signal })) {
      if (event.name !== 'PROVIDER' && event.name !== 'PEER_RESPONSE') continue
      for (const p of event.providers ?? []) if (!p.id.equals(this.libp2p.peerId)) yield p
    }
  }

  // find returns the first answer of ask(peer id) about the peers that announce one of some
  // keys. Records may come late, so it looks again.
  find(what, keys, ask) {
    return until(what, async () => {
      for (const key of keys) {
        for await (const peer of this.providers(key, AbortSignal.timeout(10_000))) {
          try {
            await this.connect(peer)
            return await ask(peer.id)
          } catch (error) {
            report('retry', { what, peer: peer.id.toString(), why: error.message })
          }
        }
      }
    })
  }

  async connect({ id, multiaddrs }) {
    if (this.libp2p.getConnections(id).length === 0) {
      await this.libp2p.dial(dialable(multiaddrs.map(String), id))
    }
  }

  async greet(id) {
    return this.identity.greet(await this.libp2p.dialProtocol(id, this.protocol('hello')), id.toString())
  }

  pullFrom = (id, root, size) => pull(() => this.libp2p.dialProtocol(id, this.protocol('blob')), root, size)

  // readCriteria takes the document of a pool from its buyer, or from whoever announces it.
  readCriteria(pool) {
    const root = rootOfCID(pool.criteriaCid)
    const keys = [presence(this.chain.id, pool.id, 'buyer'), blobKey(root)]
    return this.find('criteria', keys, async (id) => JSON.parse(Buffer.from(await this.pullFrom(id, root))))
  }

  stop = () => this.libp2p.stop()
}

// report prints a line of JSON, for who started this program.
export function report(event, fields = {}) {
  console.log(JSON.stringify({ event, at: new Date(), ...fields }))
}

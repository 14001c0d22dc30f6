// A wallet and the chain's queries by CosmJS: docs/spec/datapool.md, sections 5, 11 and 12.
import { DirectSecp256k1HdWallet, Registry } from '@cosmjs/proto-signing'
import { createProtobufRpcClient, defaultRegistryTypes, QueryClient, SigningStargateClient } from '@cosmjs/stargate'
import { connectComet } from '@cosmjs/tendermint-rpc'
import { Bip39, EnglishMnemonic, Slip10, Slip10Curve, stringToPath } from '@cosmjs/crypto'
import * as contexts from './contexts.js'
import { datapool, plain } from './protos.js'

const path = stringToPath("m/44'/371'/0'/0/0")
const gasPrice = 5
const names = ['CreatePool', 'Offer', 'Certify', 'Ack', 'Deliver', 'Withdraw', 'RegisterValidator']
const typeUrl = (name) => `/panacea.datapool.v3.Msg${name}`

// Chain sends the messages of one account and reads the exchange's state.
export class Chain {
  static async connect(rpc, mnemonic) {
    const seed = await Bip39.mnemonicToSeed(new EnglishMnemonic(mnemonic))
    const wallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: 'panacea', hdPaths: [path] })
    const registry = new Registry([...defaultRegistryTypes, ...names.map((name) => [typeUrl(name), datapool(`Msg${name}`)])])
    const comet = await connectComet(rpc)
    const signer = await SigningStargateClient.createWithSigner(comet, wallet, { registry, broadcastPollIntervalMs: 100 })
    const [{ address }] = await wallet.getAccounts()
    return new Chain({
      signer, address, comet, registry, secret: Slip10.derivePath(Slip10Curve.Secp256k1, seed, path).privkey,
      seed, id: await signer.getChainId(), query: createProtobufRpcClient(new QueryClient(comet)),
    })
  }

  constructor(parts) {
    Object.assign(this, parts)
  }

  async ask(method, request) {
    const [asked, answered] = [datapool(`Query${method}Request`), datapool(`Query${method}Response`)]
    const bytes = await this.query.request('panacea.datapool.v3.Query', method, asked.encode(asked.fromObject(request)).finish())
    return plain(answered, answered.decode(bytes))
  }

  pool = async (poolId) => (await this.ask('Pool', { poolId })).pool
  deal = async (dealId) => (await this.ask('Deal', { dealId })).deal
  height = () => this.signer.getHeight()

  // list reads all pages: a page may be short or empty and still have a next key.
  async list(method, field, filter) {
    const found = []
    for (let key = new Uint8Array(); ;) {
      const page = await this.ask(method, { ...filter, pagination: { key } })
      found.push(...page[field])
      key = page.pagination?.nextKey ?? new Uint8Array()
      if (key.length === 0) return found
    }
  }

  deals = (poolId) => this.list('Deals', 'deals', { poolId })
  validators = () => this.list('Validators', 'validators', {})

  // send signs a message, with the gas that section 12 advises, and waits for its block.
  async send(name, message) {
    const type = datapool(`Msg${name}`)
    const encoded = { typeUrl: typeUrl(name), value: type.fromObject(message) }
    const simulated = await this.signer.simulate(this.address, [encoded], '')
    const gas = Math.ceil((simulated + 20_000) * 1.2)
    const fee = { amount: [{ denom: 'umed', amount: String(gas * gasPrice) }], gas: String(gas) }
    const result = await this.signer.signAndBroadcast(this.address, [encoded], fee)
    if (result.code !== 0) throw new Error(`Msg${name} failed with code ${result.code}: ${result.rawLog}`)
    const answer = datapool(`Msg${name}Response`)
    return plain(answer, answer.decode(result.msgResponses[0].value))
  }

  async funded() {
    await until('money', async () => BigInt((await this.signer.getBalance(this.address, 'umed')).amount) > 0n)
  }
}

// facts returns the facts hash of a deal as the chain shows it, its texts hashed here.
export function factsOf(chainId, pool, deal) {
  return contexts.facts(chainId, {
    pool: deal.poolId, deal: deal.id, seller: deal.seller, buyer: deal.buyer, buyerKey: deal.buyerKey, denom: deal.denom,
    price: deal.price, k: deal.requiredCertificates, criteria: deal.criteriaCid, terms: contexts.terms(pool.terms),
    fields: contexts.fields(deal.disclosedFields), dataset: deal.dataset,
  })
}

// acceptsOf returns the certificates that count: the first k that accept, and in a pool of mode
// QUORUM promise availability (docs/spec/datapool.md, section 3).
export const acceptsOf = (deal) => deal.certificates
  .filter((c) => c.verdict === 'VERDICT_ACCEPT' && (c.available || deal.ackMode !== 'ACK_MODE_QUORUM'))
  .slice(0, deal.requiredCertificates)

export const seconds = (duration) => Number(duration.seconds) + duration.nanos / 1e9

// blocksOf turns seconds into blocks as a deal does.
export const blocksOf = (deal, s) => Math.ceil(s / seconds(deal.blockTime))

// until asks again until the answer is neither false nor an error, for two minutes.
export async function until(what, ask) {
  const end = Date.now() + 120_000
  for (let last; ;) {
    try {
      const found = await ask()
      if (found) return found
    } catch (error) {
      last = error
    }
    if (Date.now() > end) throw new Error(`no ${what} in two minutes`, { cause: last })
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

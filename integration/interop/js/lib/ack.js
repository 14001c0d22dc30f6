// Signed acks: docs/spec/network.md, Ack, and docs/spec/datapool.md, MsgDeliver.
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { be64, frames } from './bytes.js'
import { blocksOf, seconds } from './chain.js'
import { accountOf } from './hello.js'
import { plain, voucher } from './protos.js'
import { Wire } from './wire.js'

const maxFrame = 256
const [Handover, Answer] = [voucher('Handover'), voucher('Answer')]
const { OUTCOME_TAKEN: taken, OUTCOME_LATER: later, OUTCOME_REFUSED: refused } = Answer.parent.lookupEnum('Outcome').values

const signedBytes = (chainId, deal, h) => frames([
  ['domain', 'ack-voucher'], ['chain', chainId], ['module', 'panacea.datapool.v3'], ['pool', be64(deal.poolId)], ['deal', be64(deal.id)],
  ['buyer', deal.buyer], ['root', deal.dataset.root], ['ack', be64(h.ackHeight)], ['expiry', be64(h.expiryHeight)],
])

const certifiedAt = (deal) => deal.history.find((step) => step.state === 'DEAL_STATE_CERTIFIED').height

// holds reports whether a voucher is the buyer's, of this deal, and for long enough.
function holds(chainId, deal, height, h) {
  const blocks = (s) => blocksOf(deal, s)
  return deal.state === 'DEAL_STATE_CERTIFIED' && Number(h.ackHeight) >= Number(certifiedAt(deal)) && Number(h.ackHeight) <= height
    && Number(h.expiryHeight) - height >= blocks(seconds(deal.deadlines.key) / 4)
    && Number(deal.deadlineHeight) - height >= blocks(seconds(deal.deadlines.ack) / 4)
    && accountOf(h.publicKey) === deal.buyer
    && secp256k1.verify(h.signature, sha256(signedBytes(chainId, deal, h)), h.publicKey, { prehash: false, lowS: true })
}

// handOver gives the seller the buyer's signed ack, and reports whether it was taken.
export async function handOver(stream, chain, deal) {
  const wire = new Wire(stream, AbortSignal.timeout(30_000))
  const expiry = (await chain.height()) + blocksOf(deal, seconds(deal.deadlines.key))
  const h = { dealId: deal.id, ackHeight: certifiedAt(deal), expiryHeight: String(expiry), publicKey: secp256k1.getPublicKey(chain.secret, true) }
  const signature = secp256k1.sign(sha256(signedBytes(chain.id, deal, h)), chain.secret, { prehash: false, lowS: true })
  await wire.send(Handover, { ...h, signature })
  const { outcome } = await wire.receive(Answer, maxFrame)
  wire.reset()
  return outcome === taken
}

// take serves the handover of a signed ack about a seller's deal, and returns it if it was taken.
export async function take(stream, account, chain, mine) {
  const wire = new Wire(stream, AbortSignal.timeout(20_000))
  const h = plain(Handover, await wire.receive(Handover, maxFrame))
  const { publicKey, signature, ackHeight, expiryHeight } = h
  if (publicKey.length !== 33 || signature.length !== 64 || Number(ackHeight) < 1 || Number(expiryHeight) < Number(ackHeight)) {
    throw new Error('not a handover')
  }
  let outcome = later
  if (account && h.dealId === mine()) {
    const deal = await chain.deal(h.dealId)
    outcome = account === deal.buyer && holds(chain.id, deal, await chain.height(), h) ? taken : refused
  }
  await wire.send(Answer, { outcome })
  await wire.close()
  return outcome === taken ? { ackHeight, expiryHeight, publicKey, signature } : null
}

// What this node sells, with what its validators say.
import { h, keyed } from './dom.js';
import { rich, stageName, t } from './texts.js';
import { at, bytes, cut, foreign, med, raw, umed, visible } from './words.js';
import { chip, kind } from './timeline.js';

const mostFindings = 50;

// showSales shows sales, the newest first, with what of each price is the seller's.
export function showSales(el, sales, deals, names, cancel) {
  const shares = new Map(deals.map((d) => [d.id, (d.shares ?? []).find((s) => s.address === d.seller)?.amount]));
  const items = sales.map((s) => ({
    ...s, name: s.dataName, share: shares.get(s.dealId), poolTitle: names.pool(s.poolId), checks: (s.checks ?? []).map((c) => ({ ...c, name: names.validator(c.validator) })),
  }));
  keyed(el, items, (s) => s.id, (s) => sale(s, cancel), t('sales.none'));
}

const sale = (s, cancel) => h('article', { class: 'card' },
  h('h4', null, h('bdi', null, visible(s.name) || visible(s.dataId)), ' ', chip(s.state)),
  h('p', { class: 'meta' }, h('span', null, rich('sales.into', { pool: s.poolTitle ? foreign(s.poolTitle) : t('pools.number', { pool: s.poolId }) })),
    s.dealId && h('span', null, h('a', { href: `#/deal/${s.dealId}` }, t('deals.number', { deal: s.dealId }))), s.size && h('span', null, bytes(s.size)), h('span', null, t('count.fields', { n: (s.fields ?? []).length })), s.created && h('span', null, rich('sales.started', { when: at(s.created) }))),
  kind(s.state) !== 'bad' && umed(s.price) > 0n && h('p', null, money(s)),
  (s.agreed ?? []).length > 0 && h('p', { class: 'muted' }, t('sales.agreed', { n: s.agreed.length, terms: s.agreed.join(', ') })),
  s.reason && h('p', { class: 'reason' }, raw(s.reason)),
  s.checks.length > 0 && h('ul', { class: 'checks', 'aria-label': t('sales.validators') }, s.checks.map((c) => check(s, c))),
  cancel?.(s));

// money says what of the price is the seller's: known once the price is shared out.
const money = (s) => (umed(s.share) > 0n
  ? rich('sales.net', { net: h('b', null, med(s.share)), price: med(s.price) })
  : rich('sales.price', { price: h('b', null, med(s.price)) }));

function check(s, c) {
  const done = c.stage === 'done';
  const mark = done ? (c.accepted ? 'good' : 'bad') : c.stage === 'refused' ? 'bad' : 'now';
  const findings = c.findings ?? [];
  const total = Math.max(findings.length, Number(c.findingsTotal ?? 0));
  return h('li', { 'data-mark': mark },
    h('p', null, h('b', null, c.name ? foreign(c.name) : cut(c.validator)), ' ',
      h('span', { class: 'chip', 'data-mark': mark }, done ? (c.accepted ? t('sales.accepted') : t('sales.rejected')) : c.stage ? stageName(c.stage) ?? raw(c.stage) : t('sales.asked')), ' ', foreign(c.message)),
    findings.length > 0 && h('details', { 'data-part': `check-${s.id}-${c.validator}` }, h('summary', null, t('count.findings', { n: total })), table(findings, total)));
}

const table = (findings, total) => h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('sales.findings') }, h('table', null,
  h('thead', null, h('tr', null, [t('sales.record'), t('sales.where'), t('sales.what')].map((head) => h('th', { scope: 'col' }, head)))),
  h('tbody', null, findings.slice(0, mostFindings).map((f) => h('tr', null, h('td', null, String(f.record ?? 0)), h('td', null, h('code', null, visible(f.path) || '–')), h('td', null, foreign(f.rule)))))),
  total > Math.min(findings.length, mostFindings) && h('p', { class: 'muted' }, t('more', { n: total - Math.min(findings.length, mostFindings) })));

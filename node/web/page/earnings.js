// What this node earned and spent, by month, from its latest deals.
import { h, keyed, on, s } from './dom.js';
import { button, spend } from './forms.js';
import { learnValidators, List, may, me, names, state } from './state.js';
import { count, t } from './texts.js';
import { day, foreign, med, month, umed } from './words.js';

const roles = ['seller', 'validator', 'buyer'];
const recent = 250; // deals of each role that are read at first
let lists = [];
let parts = null;
let rows = [];

export const earnings = {
  title: () => t('earnings.title'),
  open(el) {
    lists = [];
    rows = [];
    parts = { money: h('div', { class: 'stack' }), chart: h('div'), table: h('div'), said: h('p', { class: 'hint' }) };
    parts.older = on(h('button', { type: 'button', class: 'more', hidden: true }, t('older')), 'click', () => { for (const l of lists) l.pages++; read().then(draw, () => {}); });
    el.append(h('p', { class: 'lead' }, t('earnings.lead')), parts.money, parts.chart, parts.table, parts.said,
      h('div', { class: 'actions' }, button(t('earnings.csv'), save), parts.older));
  },
  async ask() {
    if (!me()) return;
    await learnValidators();
    if (!lists.length || ticks++ % 10 === 0) await read();
  },
  draw,
};

let ticks = 0;

// mine are the roles in which this node can have earned or spent something.
const mine = () => roles.filter((role) => role !== 'validator' || state.validators.some((v) => v.address === me()));

async function read() {
  if (!lists.length) lists = mine().map((role) => Object.assign(new List('ListDeals', 'deals', { [role]: me(), ...(role === 'validator' && { state: 'final' }) }, recent), { role }));
  await Promise.all(lists.map((l) => l.refresh()));
  rows = lists.flatMap((l) => l.records.flatMap((d) => entries(l.role, d))).sort((a, b) => (a.time < b.time ? 1 : -1));
}

// entries are the sums that a deal moved for this node in a role: earned or, of a buyer, spent.
function entries(role, d) {
  const last = (d.history ?? []).at(-1);
  const base = { role, deal: d.id, pool: d.poolId, time: last?.time ?? '', state: d.state };
  if (role === 'buyer') return d.state === 'final' ? [{ ...base, amount: -umed(d.price) }] : [];
  return (d.shares ?? []).filter((share) => share.address === me()).map((share) => ({ ...base, amount: umed(share.amount) }));
}

const roleName = (role) => t('earnings.role.' + role);
const amountOf = (n) => (n < 0n ? `− ${med({ amount: String(-n) })}` : med({ amount: String(n) }));

function draw() {
  const sum = (list) => list.reduce((n, r) => n + r.amount, 0n);
  keyed(parts.money, [{ figures: roles.map((role) => [role, String(sum(rows.filter((r) => r.role === role)))]), waiting: state.status.withdrawable, may: ['sell', 'buy', 'admin'].some(may) }], () => 'money', (i) => h('div', { class: 'stack' },
    h('dl', { class: 'figures' }, i.figures.map(([role, n]) => h('div', { class: 'figure' }, h('dt', null, roleName(role)), h('dd', null, amountOf(BigInt(n))))),
      h('div', { class: 'figure' }, h('dt', null, t('earnings.waiting')), h('dd', null, med(i.waiting)))),
    i.may && umed(i.waiting) > 0n && h('div', { class: 'actions' }, button(t('earnings.withdraw'), () => spend({
      method: 'Withdraw', body: {}, title: t('earnings.withdraw'), verb: t('earnings.withdraw_verb'), about: (q) => h('p', null, t('earnings.withdraw_about', { amount: med(q.about.withdrawable) })) })))));
  keyed(parts.chart, rows.length ? [months()] : [], () => 'chart', chart, t('earnings.none'));
  keyed(parts.table, rows.length ? [rows.slice(0, 100).map((r) => ({ ...r, amount: String(r.amount), title: names.pool(r.pool) }))] : [], () => 'table', table);
  parts.said.textContent = rows.length ? t('earnings.of_latest', { n: rows.length }) : '';
  parts.older.hidden = !lists.some((l) => l.more);
}

// months are the sums of the last twelve months that had any.
function months() {
  const by = new Map();
  for (const r of rows) {
    const key = r.time.slice(0, 7);
    if (!key) continue;
    const at = by.get(key) ?? { key, in: 0n, out: 0n };
    if (r.amount > 0n) at.in += r.amount; else at.out -= r.amount;
    by.set(key, at);
  }
  return [...by.values()].sort((a, b) => (a.key < b.key ? -1 : 1)).slice(-12).map((m) => ({ key: m.key, in: String(m.in), out: String(m.out) }));
}

// chart draws bars: what came in, and what went out. The table below says the same in words.
function chart(list) {
  const top = list.reduce((n, m) => [n, BigInt(m.in), BigInt(m.out)].reduce((a, b) => (a > b ? a : b)), 1n);
  const height = (n) => Number((BigInt(n) * 1000n) / top) / 10;
  const wide = 60, bar = 20;
  return h('figure', { class: 'chart' },
    h('figcaption', null, h('span', { class: 'key in' }, t('earnings.in')), h('span', { class: 'key out' }, t('earnings.out'))),
    s('svg', { viewBox: `0 0 ${Math.max(list.length, 6) * wide} 130`, role: 'img', translate: 'no', preserveAspectRatio: 'xMinYMid meet', 'aria-label': list.map((m) => t('earnings.month', { month: month(m.key), earned: med({ amount: m.in }), spent: med({ amount: m.out }) })).join('; ') },
      s('line', { class: 'axis', x1: 0, x2: Math.max(list.length, 6) * wide, y1: 110, y2: 110 }),
      list.map((m, i) => [
        s('rect', { class: 'in', x: i * wide + 8, y: 110 - height(m.in), width: bar, height: height(m.in), rx: 2 }),
        s('rect', { class: 'out', x: i * wide + 8 + bar + 2, y: 110 - height(m.out), width: bar, height: height(m.out), rx: 2 }),
        s('text', { x: i * wide + 8 + bar, y: 125, 'text-anchor': 'middle' }, month(m.key))])));
}

const table = (list) => h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('earnings.title') }, h('table', { class: 'ledger' },
  h('thead', null, h('tr', null, [t('earnings.when'), t('earnings.deal'), t('earnings.pool'), t('earnings.as'), t('earnings.amount')].map((head) => h('th', { scope: 'col' }, head)))),
  h('tbody', null, list.map((r) => h('tr', null, h('td', null, r.time ? day(r.time) : '–'), h('td', null, h('a', { href: `#/deal/${r.deal}` }, count(r.deal))), h('td', null, r.title ? foreign(r.title) : count(r.pool)), h('td', null, roleName(r.role)), h('td', { class: 'number-cell' }, amountOf(BigInt(r.amount))))))));

// cell is a text for a spreadsheet, in which a stranger's title starts no formula.
const cell = (text) => `"${String(text).replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;

function save() {
  const head = ['time', 'role', 'deal', 'pool', 'title', 'state', 'amount_umed'];
  const lines = rows.map((r) => [cell(r.time), cell(r.role), r.deal, r.pool, cell(names.pool(r.pool)), cell(r.state), String(r.amount)].join(','));
  const url = URL.createObjectURL(new Blob([`${[head.join(','), ...lines].join('\r\n')}\r\n`], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'earnings.csv';
  link.click();
  URL.revokeObjectURL(url);
}

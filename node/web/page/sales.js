// What this node sells, with what its validators say.
import { h, keyed } from './dom.js';
import { bytes, cut, foreign, plural, visible } from './words.js';
import { chip } from './timeline.js';

const mostFindings = 50;
const most = 100;

export function showSales(el, sales, data, names) {
  const files = new Map(data.map((d) => [d.id, d.name]));
  const items = sales.slice(-most).reverse().map((s) => ({
    ...s, name: files.get(s.dataId), poolTitle: names.pool(s.poolId), checks: (s.checks ?? []).map((c) => ({ ...c, name: names.validator(c.validator) })),
  }));
  keyed(el, items, (s) => s.id, sale, 'This node sells nothing. `pdx data add FILE|FOLDER` and `pdx sell POOL DATA` begin a sale.');
}

const sale = (s) => h('article', { class: 'card' },
  h('h3', null, h('bdi', null, visible(s.name) || visible(s.dataId)), ' ', chip(s.state)),
  h('p', { class: 'meta' }, h('span', null, 'into ', s.poolTitle ? foreign(s.poolTitle) : `pool ${s.poolId}`),
    s.dealId && h('span', null, h('a', { href: `#deal-${s.dealId}` }, `Deal ${s.dealId}`)), s.size && h('span', null, bytes(s.size)), h('span', null, plural((s.fields ?? []).length, 'field'))),
  s.reason && h('p', { class: 'reason' }, visible(s.reason)),
  s.checks.length > 0 && h('ul', { class: 'checks', 'aria-label': 'Validators' }, s.checks.map((c) => check(s, c))));

function check(s, c) {
  const done = c.stage === 'done';
  const mark = done ? (c.accepted ? 'good' : 'bad') : c.stage === 'refused' ? 'bad' : 'now';
  const findings = c.findings ?? [];
  return h('li', { 'data-mark': mark },
    h('p', null, h('b', null, c.name ? foreign(c.name) : cut(c.validator)), ' ',
      h('span', { class: 'chip', 'data-mark': mark }, done ? (c.accepted ? 'accepted' : 'rejected') : visible(c.stage) || 'asked'), ' ', foreign(c.message)),
    findings.length > 0 && h('details', { 'data-part': `check-${s.id}-${c.validator}` }, h('summary', null, plural(findings.length, 'finding')), table(findings)));
}

const table = (findings) => h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Findings' }, h('table', null,
  h('thead', null, h('tr', null, ['Record', 'Where', 'What'].map((t) => h('th', { scope: 'col' }, t)))),
  h('tbody', null, findings.slice(0, mostFindings).map((f) => h('tr', null, h('td', null, String(f.record ?? 0)), h('td', null, h('code', null, visible(f.path) || '–')), h('td', null, foreign(f.rule)))))),
  findings.length > mostFindings && h('p', { class: 'muted' }, `and ${findings.length - mostFindings} more`));

// Selling, step by step: a pool, data, what is disclosed, the terms, and one consent.
import { act, call, upload } from './api.js';
import { h, on, sentence } from './dom.js';
import { button, check, choice, field, locked, problem, progress, spend } from './forms.js';
import { criteriaOf } from './market.js';
import { wants } from './pool.js';
import { learn, learnValidators, may, names, state } from './state.js';
import { count, rich, t } from './texts.js';
import { bytes, cut, foreign, full, med, raw, umed, visible } from './words.js';

const settle = 400; // ms without a change before the preview is asked for again
const mostData = 1000;
let now = null;

export const sell = {
  title: () => t('sell.title'),
  open(el, id) {
    if (!may('sell')) return el.append(locked('sell'));
    const s = { pools: [], data: [], pool: null, found: null, chosen: null, fields: new Set(), agreed: new Set(), skip: false, preview: null, stop: null };
    s.parts = Object.fromEntries(['pool', 'data', 'fields', 'preview', 'terms', 'consent'].map((name) => [name, h('div', { class: 'stack' })]));
    now = s;
    el.append(h('p', { class: 'lead' }, t('sell.lead')),
      step(1, t('sell.step.pool'), s.parts.pool), step(2, t('sell.step.data'), s.parts.data), step(3, t('sell.step.fields'), s.parts.fields, s.parts.preview),
      step(4, t('sell.step.terms'), s.parts.terms), step(5, t('sell.step.consent'), s.parts.consent));
    begin(s, id).catch((err) => s.parts.pool.replaceChildren(problem(err)));
  },
};

const step = (n, title, ...parts) => h('section', { class: 'card step', 'aria-label': title }, h('h3', null, h('span', { class: 'number', 'aria-hidden': 'true' }, String(n)), ' ', title), parts);
const wait = (s, text) => { for (const el of Object.values(s)) el.replaceChildren(h('p', { class: 'muted' }, text)); };

async function begin(s, id) {
  const { data, fields, preview, terms, consent } = s.parts;
  wait({ data, fields, terms, consent }, t('sell.first_pool'));
  preview.replaceChildren();
  const open = (await call('ListPools', { status: 'open', limit: 100, reverse: true })).pools ?? [];
  learn(open);
  s.pools = open.filter((p) => p.buyer !== state.status.account);
  await learnValidators();
  if (!s.pools.length && !id) return s.parts.pool.replaceChildren(h('p', { class: 'none' }, t('sell.no_pool')));
  const list = choice([['', t('sell.choose_pool')], ...s.pools.map((p) => [p.id, t('sell.pool_option', { pool: p.id, title: visible(p.title) || t('untitled'), price: med(p.price) })])], id ?? '');
  if (id && !s.pools.some((p) => String(p.id) === String(id))) list.append(h('option', { value: id, selected: true }, t('pools.number', { pool: id })));
  list.setAttribute('translate', 'no'); // titles of strangers
  on(list, 'change', () => { location.hash = list.value ? `#/sell/${list.value}` : '#/sell'; });
  const said = h('div', { class: 'stack' });
  s.parts.pool.replaceChildren(field(t('sell.pool'), list), said);
  if (!id) return;
  said.replaceChildren(h('p', { class: 'muted' }, t('pools.asking')));
  s.found = await criteriaOf(id, (document) => act('explain', document));
  s.pool = s.found.pool;
  said.replaceChildren(h('p', { class: 'price' }, med(s.pool.price), ' ', h('small', null, t('pools.each'))), h('details', null, h('summary', null, t('pool.wants')), wants(s.found)));
  if (!s.found.doc) return;
  await choose(s);
}

// choose shows the data that suit the pool, and takes files.
async function choose(s) {
  const { data } = await call('ListData', { limit: mostData });
  s.data = (data ?? []).filter((d) => d.mediaType === s.pool.mediaType);
  const others = (data ?? []).length - s.data.length;
  const list = h('div', { class: 'options', role: 'radiogroup', 'aria-label': t('sell.step.data') }, s.data.map((d) => option(s, d)));
  s.parts.data.replaceChildren(h('p', null, rich('sell.wants_media', { media: raw(s.pool.mediaType) })),
    s.data.length ? list : h('p', { class: 'muted' }, t('sell.no_data')), others > 0 ? h('p', { class: 'hint' }, t('sell.other_data', { n: others })) : '', drop(s));
  if (s.chosen) disclose(s);
  else wait({ fields: s.parts.fields, terms: s.parts.terms, consent: s.parts.consent }, t('sell.first_data'));
}

function option(s, d) {
  const box = h('input', { type: 'radio', name: 'data', value: d.id, id: `data-${d.id}`, checked: s.chosen?.id === d.id });
  on(box, 'change', () => { s.chosen = d; s.fields.clear(); s.skip = false; disclose(s); });
  return h('div', { class: 'option' }, box, h('label', { for: box.id }, h('b', null, foreign(d.name)), h('span', { class: 'hint' }, [t('count.records', { n: d.records ?? 0 }), bytes(d.size), t('count.fields', { n: (d.fields ?? []).length })].join(' · '), d.changed && ` · ${t('sell.changed')}`)),
    button(t('sell.forget'), async () => {
      try {
        await act('forget', { id: d.id });
        if (s.chosen?.id === d.id) s.chosen = null;
        await choose(s);
      } catch (err) { s.parts.data.append(problem(err)); }
    }, 'small'));
}

// drop takes files, one after the other.
function drop(s) {
  const pick = h('input', { type: 'file', id: 'files', multiple: true });
  const said = h('div', { class: 'stack' });
  const area = h('div', { class: 'drop' }, h('label', { for: 'files' }, t('sell.drop')), pick, h('p', { class: 'hint' }, t('sell.drop_hint')));
  const take = async (files) => {
    for (const file of files) await send(s, file, said);
    pick.value = '';
  };
  on(pick, 'change', () => take([...pick.files]));
  on(area, 'dragover', (e) => { e.preventDefault(); area.dataset.mark = 'over'; });
  on(area, 'dragleave', () => { delete area.dataset.mark; });
  on(area, 'drop', (e) => { e.preventDefault(); delete area.dataset.mark; take([...e.dataTransfer.files]); });
  return h('div', { class: 'stack' }, area, said);
}

async function send(s, file, said) {
  const stop = new AbortController();
  const bar = progress();
  const line = h('div', { class: 'sent' }, h('p', null, h('b', null, foreign(file.name)), ' ', bytes(file.size)), bar.el, button(t('sell.stop'), () => stop.abort(), 'small'));
  said.append(line);
  try {
    const data = await upload(file, bar.told, stop.signal);
    if (data.mediaType === s.pool.mediaType) {
      s.chosen = data;
      s.fields.clear();
      return await choose(s);
    }
    line.replaceChildren(h('p', { class: 'problem', role: 'alert' }, rich('sell.wrong_media', { name: h('b', null, foreign(data.name)), media: raw(data.mediaType), wanted: raw(s.pool.mediaType) })));
  } catch (err) {
    line.replaceChildren(h('p', null, h('b', null, foreign(file.name))), err.name === 'AbortError' ? h('p', { class: 'muted' }, t('sell.stopped')) : problem(err));
  }
}

// disclose lets the seller choose fields, and shows what would leave.
function disclose(s) {
  if (!s.fields.size) for (const f of s.found.doc.fields) if (f.required) s.fields.add(f.pointer);
  const boxes = s.found.doc.fields.map((f) => {
    const { box, el } = check(h('code', null, f.pointer || t('pools.whole_record')), { checked: s.fields.has(f.pointer), disabled: f.required }, [f.required ? t('sell.must') : t('sell.may'), ' ', f.purpose && foreign(f.purpose)]);
    on(box, 'change', () => { box.checked ? s.fields.add(f.pointer) : s.fields.delete(f.pointer); look(s); });
    return el;
  });
  s.parts.fields.replaceChildren(h('p', null, t('sell.fields_lead')), h('div', { class: 'options' }, boxes));
  agree(s);
  look(s);
}

// look asks for the preview again, once nothing has changed for a moment.
function look(s) {
  s.preview = null;
  s.stop?.abort();
  const stop = s.stop = new AbortController();
  s.parts.consent.replaceChildren(h('p', { class: 'muted' }, t('sell.previewing')));
  if (!s.fields.size) return s.parts.preview.replaceChildren(h('p', { class: 'problem' }, t('sell.no_field')));
  const bar = progress();
  s.parts.preview.replaceChildren(h('p', { class: 'muted', role: 'status' }, t('sell.previewing')), bar.el);
  setTimeout(async () => {
    if (stop.signal.aborted) return;
    try {
      s.preview = await act('preview', order(s), { told: bar.told, signal: stop.signal });
      if (stop.signal.aborted) return;
      shown(s);
    } catch (err) {
      if (!stop.signal.aborted) {
        s.parts.preview.replaceChildren(problem(err));
        s.parts.consent.replaceChildren(h('p', { class: 'muted' }, t('sell.cannot')));
      }
    }
  }, settle);
}

const order = (s) => ({ poolId: s.pool.id, dataId: s.chosen.id, fields: [...s.fields].sort(), skipInvalid: s.skip });

const decoded = (text) => new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));

// pretty is a record with its members on lines of their own, where it is JSON.
function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 1); } catch { return text; }
}

const record = (text) => h('pre', { class: 'record', tabindex: '0', translate: 'no' }, [...pretty(text)].slice(0, 4000).join('').replace(hidden, '\ufffd'));
const hidden = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function shown(s) {
  const p = s.preview;
  const samples = (p.samples?.length ? p.samples : p.sample ? [p.sample] : []).map(decoded);
  const broken = Number(p.broken ?? 0);
  const skip = check(t('sell.skip', { n: broken || Number(p.skipped ?? 0) }), { checked: s.skip });
  on(skip.box, 'change', () => { s.skip = skip.box.checked; s.refocus = true; look(s); });
  s.parts.preview.replaceChildren(
    h('p', { role: 'status' }, t('sell.leave', { n: p.records ?? 0 }), (p.withheld ?? []).length > 0 && [' ', t('sell.withheld', { n: p.withheld.length })]),
    samples.length > 0 ? h('div', { class: 'samples', role: 'region', 'aria-label': t('sell.samples') }, samples.map(record)) : '',
    broken > 0 || Number(p.skipped ?? 0) > 0 ? h('div', { class: 'reason' },
      broken > 0 && h('p', null, t('sell.broken', { n: broken })),
      (p.byRule ?? []).length > 0 && h('ul', { class: 'plain' }, p.byRule.slice(0, 20).map((r) => h('li', null, h('code', null, visible(r.rule)), ` ${t('count.records', { n: r.records ?? 0 })}`))),
      !(s.chosen.files > 0) && skip.el) : '',
    (p.findings ?? []).length > 0 ? findings(p) : '');
  if (s.refocus) skip.box.focus();
  s.refocus = false;
  consent(s);
}

const findings = (p) => h('details', null, h('summary', null, t('sell.which')),
  h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('sales.findings') }, h('table', null,
    h('thead', null, h('tr', null, [t('sales.record'), t('sales.where'), t('sales.what')].map((head) => h('th', { scope: 'col' }, head)))),
    h('tbody', null, p.findings.slice(0, 50).map(found)))),
  Number(p.findingsTotal ?? 0) > 50 && h('p', { class: 'muted' }, t('more', { n: Number(p.findingsTotal) - 50 })));
const found = (f) => h('tr', null, h('td', null, count(f.record ?? 0)), h('td', null, h('code', null, visible(f.path) || '–')), h('td', null, foreign(f.rule)));

// agree asks for each term by itself, and then for the whole.
function agree(s) {
  const boxes = (s.pool.terms ?? []).map((term) => {
    const { box, el } = check(foreign(term.title), { checked: s.agreed.has(term.id) }, [term.required ? t('sell.term_required') : t('sell.term_optional'), ' ', term.description && foreign(term.description)]);
    on(box, 'change', () => { box.checked ? s.agreed.add(term.id) : s.agreed.delete(term.id); consent(s); });
    return el;
  });
  s.parts.terms.replaceChildren(...(boxes.length ? [h('p', null, t('sell.terms_lead')), h('div', { class: 'options' }, boxes)] : [h('p', { class: 'muted' }, t('sell.no_terms'))]));
  consent(s);
}

function consent(s) {
  const p = s.preview;
  if (!p) return s.parts.consent.replaceChildren(h('p', { class: 'muted' }, t('sell.previewing')));
  const missing = (s.pool.terms ?? []).filter((term) => term.required && !s.agreed.has(term.id));
  const why = (p.findings ?? []).length ? t('sell.fix') : missing.length ? t('sell.must_agree', { n: missing.length }) : !Number(p.records ?? 0) ? t('sell.nothing') : '';
  const go = button(t('sell.review'), () => sign(s), 'primary', { disabled: why !== '' });
  s.parts.consent.replaceChildren(money(p), seers(s), why ? h('p', { class: 'hint' }, why) : '', h('div', { class: 'actions' }, go));
}

// money says what of the price is left.
const money = (p) => h('table', { class: 'sums' }, h('tbody', null,
  row(t('sell.price'), med(p.price)), row(t('sell.commission'), `− ${med(p.commission)}`), row(t('sell.fees'), `− ${med(p.fees)}`)),
h('tfoot', null, row(t('sell.net'), med(p.net)), umed(p.net) === 0n ? h('tr', null, h('td', { class: 'problem' }, t('sell.no_net'))) : '', row(t('sell.deposit'), med(p.deposit))));
const row = (name, value) => h('tr', null, h('th', { scope: 'row' }, name), h('td', null, value));

// seers says who will see what.
const seers = (s) => h('div', { class: 'stack' }, h('h4', null, t('sell.seen_by')), h('ul', { class: 'plain' },
  h('li', null, rich('sell.seen_validators', { validators: (s.pool.validators ?? []).flatMap((v, i) => [i ? ', ' : '', names.validator(v) ? foreign(names.validator(v)) : cut(v)]).reduce((el, part) => { el.append(part); return el; }, h('span')) })),
  h('li', null, rich('sell.seen_buyer', { buyer: cut(s.pool.buyer) })),
  h('li', null, t('sell.seen_chain'))));

async function sign(s) {
  const p = s.preview;
  const done = await spend({
    method: 'Sell', body: { ...order(s), agreed: [...s.agreed] }, title: t('sell.sign'), verb: t('sell.verb'),
    about: ({ about }) => [
      h('dl', { class: 'facts' },
        h('dt', null, t('sell.pool')), h('dd', null, foreign(s.pool.title, t('pools.number', { pool: s.pool.id }))),
        h('dt', null, t('pools.buyer')), h('dd', null, full(s.pool.buyer)),
        h('dt', null, t('sell.data')), h('dd', null, foreign(s.chosen.name), ` · ${t('count.records', { n: about.preview.records ?? 0 })}`),
        h('dt', null, t('deals.fields')), h('dd', null, (about.preview.fields ?? []).map((f) => h('code', { class: 'field' }, visible(f) || t('deals.all_fields')))),
        h('dt', null, t('sell.agreed')), h('dd', null, (s.pool.terms ?? []).filter((term) => s.agreed.has(term.id)).map((term) => h('div', null, foreign(term.title))), !s.agreed.size && t('none')),
        h('dt', null, t('sell.net')), h('dd', null, h('b', null, med(about.preview.net)))),
      h('p', { class: 'hint' }, sentence(t('sell.consent_text'))),
    ],
  });
  if (done) location.hash = '#/deals';
  else if (p !== s.preview) consent(s);
}

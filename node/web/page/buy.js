// Buying, step by step: what data is wanted, the terms, the price, and the sum.
import { act } from './api.js';
import { h, on } from './dom.js';
import { amount, button, check, choice, field, locked, problem, spend, toUmed } from './forms.js';
import { pullAll, wants } from './pool.js';
import { learn, learnValidators, may, state } from './state.js';
import { count, t } from './texts.js';
import { foreign, cut, med, visible } from './words.js';

const kinds = ['text', 'number', 'integer', 'boolean', 'date', 'datetime', 'any'];
const day = 86_400;
let now = null;

export const buy = {
  title: () => t('buy.title'),
  open(el) {
    if (!may('buy')) return el.append(locked('buy'));
    const s = { document: '', doc: null, columns: [], media: 'application/x-ndjson', terms: [], judges: new Set() };
    s.parts = Object.fromEntries(['criteria', 'shown', 'offer', 'sum'].map((name) => [name, h('div', { class: 'stack' })]));
    now = s;
    el.append(h('p', { class: 'lead' }, t('buy.lead')),
      step(1, t('buy.step.criteria'), s.parts.criteria, s.parts.shown), step(2, t('buy.step.offer'), s.parts.offer), step(3, t('buy.step.sum'), s.parts.sum));
    source(s);
    learnValidators().catch(() => {}).then(() => now === s && offer(s));
  },
};

const step = (n, title, ...parts) => h('section', { class: 'card step', 'aria-label': title }, h('h3', null, h('span', { class: 'number', 'aria-hidden': 'true' }, String(n)), ' ', title), parts);

// source asks where the criteria come from.
function source(s) {
  const ways = { form: form, sample: sampled, upload: uploaded };
  const body = h('div', { class: 'stack' });
  const radios = [['form', t('buy.way.form')], ['sample', t('buy.way.sample')], ['upload', t('buy.way.upload')]].map(([name, text], i) => {
    const box = h('input', { type: 'radio', name: 'way', value: name, id: `way-${name}`, checked: i === 0 });
    on(box, 'change', () => { take(s, ''); body.replaceChildren(ways[name](s)); });
    return h('div', { class: 'check' }, box, h('label', { for: box.id }, text));
  });
  s.parts.criteria.replaceChildren(h('div', { class: 'ways', role: 'radiogroup', 'aria-label': t('buy.way.title') }, radios), body);
  if (!s.columns.length) s.columns.push(blank());
  body.append(form(s));
}

const blank = () => ({ name: '', kind: 'text', required: true, purpose: '' });

// form makes criteria of the fields that somebody names.
function form(s) {
  const title = h('input', { type: 'text', maxlength: '200', id: 'criteria-title', autocomplete: 'off' });
  title.value = s.title ?? '';
  const media = choice([['application/x-ndjson', t('buy.media.ndjson')], ['application/json', t('buy.media.json')], ['text/csv', t('buy.media.csv')]], s.media);
  const rows = h('div', { class: 'stack' });
  const said = h('div');
  const draw = () => rows.replaceChildren(...s.columns.map((c, i) => columnRow(s, c, i, draw)));
  draw();
  return h('div', { class: 'stack' }, field(t('buy.criteria_title'), title, t('buy.criteria_title_hint')), field(t('buy.media.title'), media),
    h('h4', null, t('buy.fields')), rows,
    h('div', { class: 'actions' }, button(t('buy.add_field'), () => { s.columns.push(blank()); draw(); rows.lastChild.querySelector('input').focus(); }),
      button(t('buy.make'), async () => {
        said.replaceChildren();
        s.title = title.value.trim();
        s.media = media.value;
        try {
          const columns = s.columns.filter((c) => c.name.trim()).map(({ name, kind, schema, required, purpose }) => ({ name: name.trim(), kind: schema ? '' : kind, schema: schema ?? null, required, purpose: purpose.trim() }));
          if (columns.some((c) => !c.purpose)) throw new Error(t('buy.need.purpose'));
          await take(s, JSON.stringify(await act('draft', { title: s.title, description: '', media_type: s.media, columns, unique: [] })));
        } catch (err) { said.replaceChildren(problem(err)); }
      }, 'primary')), said);
}

// kindOf is what the form calls a type of JSON Schema.
const kindOf = (type) => (type === 'string' ? t('buy.kind.text') : kinds.includes(type) ? t('buy.kind.' + type) : type);

function columnRow(s, c, i, draw) {
  const name = h('input', { type: 'text', maxlength: '200', autocomplete: 'off', spellcheck: 'false', id: `column-${i}-name` });
  name.value = c.name;
  on(name, 'input', () => { c.name = name.value; });
  const kind = c.schema ? h('input', { type: 'text', disabled: true, value: [c.schema.type ?? 'any'].flat().map(kindOf).join(', ') }) : choice(kinds.map((k) => [k, t('buy.kind.' + k)]), c.kind);
  on(kind, 'change', () => { c.kind = kind.value; });
  const purpose = h('input', { type: 'text', maxlength: '500', autocomplete: 'off' });
  purpose.value = c.purpose;
  on(purpose, 'input', () => { c.purpose = purpose.value; });
  const must = check(t('buy.required'), { checked: c.required });
  on(must.box, 'change', () => { c.required = must.box.checked; });
  return h('div', { class: 'column', role: 'group', 'aria-label': t('buy.field_n', { n: i + 1 }) }, field(t('buy.name'), name), field(t('buy.kind.title'), kind), field(t('buy.purpose'), purpose), must.el,
    s.columns.length > 1 && button(t('buy.remove'), () => { s.columns.splice(i, 1); draw(); }, 'small', { 'aria-label': t('buy.remove_n', { n: i + 1 }) }));
}

// sampled takes the fields of a file, which the buyer then completes.
function sampled(s) {
  const pick = h('input', { type: 'file', id: 'sample-file' });
  const said = h('div', { class: 'stack' });
  on(pick, 'change', async () => {
    const [file] = pick.files;
    if (!file) return;
    said.replaceChildren(h('p', { class: 'muted' }, t('buy.reading')));
    try {
      const found = await act('sample', file, { query: { name: file.name } });
      s.media = found.media_type;
      s.title ||= file.name;
      s.columns = found.columns;
      said.replaceChildren(h('p', null, t('buy.sampled', { n: found.columns.length })), form(s));
    } catch (err) { said.replaceChildren(problem(err)); }
  });
  return h('div', { class: 'stack' }, field(t('buy.sample_file'), pick, t('buy.sample_hint')), said);
}

// uploaded takes a document as it is.
function uploaded(s) {
  const pick = h('input', { type: 'file', id: 'criteria-file', accept: '.json,application/json' });
  const said = h('div');
  on(pick, 'change', async () => {
    const [file] = pick.files;
    if (!file) return;
    try {
      said.replaceChildren();
      await take(s, await file.text());
    } catch (err) { said.replaceChildren(problem(err)); }
  });
  return h('div', { class: 'stack' }, field(t('buy.criteria_file'), pick), said);
}

// take shows what a document asks for.
async function take(s, document) {
  s.document = '';
  s.doc = null;
  s.parts.shown.replaceChildren();
  if (document) {
    s.doc = await act('explain', document);
    s.document = document;
    s.parts.shown.replaceChildren(h('div', { class: 'shown' }, h('h4', null, t('buy.in_words')), wants({ doc: s.doc })));
    if (!s.inputs?.title.value && s.inputs) s.inputs.title.value = s.doc.title;
  }
  total(s);
}

// offer asks for the conditions of the pool.
function offer(s) {
  const text = (props) => h('input', { type: 'text', autocomplete: 'off', ...props });
  const i = s.inputs = {
    title: text({ maxlength: '200' }), price: text({ inputmode: 'decimal' }), count: h('input', { type: 'number', min: '1', step: '1', value: '1' }),
    k: h('input', { type: 'number', min: '1', step: '1', value: '1' }), days: h('input', { type: 'number', min: '1', step: '1', max: '365', value: '30' }),
  };
  if (s.doc) i.title.value = s.doc.title;
  for (const input of Object.values(i)) on(input, 'input', () => total(s));
  const again = check(t('buy.duplicates'), { checked: true }, t('buy.duplicates_hint'));
  s.unique = again.box;
  const judges = state.validators.filter((v) => v.status === 'bonded').map((v) => {
    const { box, el } = check(foreign(v.moniker, t('unnamed')), { checked: s.judges.has(v.address) }, [t('network.commission', { percent: (v.commissionBp ?? 0) / 100 }), ' · ', cut(v.address)]);
    on(box, 'change', () => { box.checked ? s.judges.add(v.address) : s.judges.delete(v.address); total(s); });
    return el;
  });
  const terms = h('div', { class: 'stack' });
  const draw = () => terms.replaceChildren(...s.terms.map((term, n) => termRow(s, term, n, draw)));
  draw();
  s.parts.offer.replaceChildren(field(t('buy.pool_title'), i.title),
    h('div', { class: 'pair-fields' }, field(t('buy.price'), i.price, t('buy.price_hint')), field(t('buy.count'), i.count)),
    h('h4', null, t('buy.validators')), h('p', { class: 'hint' }, t('buy.validators_hint')),
    judges.length ? h('div', { class: 'options' }, judges) : h('p', { class: 'none' }, t('buy.no_validators')),
    h('div', { class: 'pair-fields' }, field(t('buy.k'), i.k, t('buy.k_hint')), field(t('buy.days'), i.days)),
    again.el, h('h4', null, t('buy.terms')), h('p', { class: 'hint' }, t('buy.terms_hint')), terms,
    h('div', { class: 'actions' }, button(t('buy.add_term'), () => { s.terms.push({ title: '', description: '', required: true }); draw(); })));
  total(s);
}

function termRow(s, term, n, draw) {
  const title = h('input', { type: 'text', maxlength: '200', autocomplete: 'off' });
  title.value = term.title;
  on(title, 'input', () => { term.title = title.value; });
  const words = h('textarea', { rows: '2', maxlength: '2000' });
  words.value = term.description;
  on(words, 'input', () => { term.description = words.value; });
  const must = check(t('buy.term_required'), { checked: term.required });
  on(must.box, 'change', () => { term.required = must.box.checked; });
  return h('div', { class: 'column', role: 'group', 'aria-label': t('buy.term_n', { n: n + 1 }) }, field(t('buy.term_title'), title), field(t('buy.term_text'), words), must.el,
    button(t('buy.remove'), () => { s.terms.splice(n, 1); draw(); }, 'small', { 'aria-label': t('buy.remove_term_n', { n: n + 1 }) }));
}

// lacking says what is still to be filled in, or ''.
function lacking(s) {
  const i = s.inputs;
  if (!s.doc) return t('buy.need.criteria');
  if (!toUmed(i.price.value) || toUmed(i.price.value) === '0') return t('buy.need.price');
  if (!(Number.isInteger(Number(i.count.value)) && Number(i.count.value) > 0)) return t('buy.need.count');
  if (!s.judges.size) return t('buy.need.validators');
  if (!(Number(i.k.value) > 0 && Number(i.k.value) <= s.judges.size)) return t('buy.need.k', { n: s.judges.size });
  if (!(Number(i.days.value) > 0)) return t('buy.need.days');
  return '';
}

function total(s) {
  if (!s.inputs) return;
  const why = lacking(s);
  const price = toUmed(s.inputs.price.value), n = Number(s.inputs.count.value);
  const sum = price && n > 0 && Number.isInteger(n) ? amount(BigInt(price) * BigInt(n)) : null;
  s.parts.sum.replaceChildren(
    sum ? h('p', { class: 'price' }, med(sum), ' ', h('small', null, t('buy.into_escrow', { n, price: med(amount(price)) }))) : '',
    h('ul', { class: 'plain' }, h('li', null, t('buy.back_expiry', { n: Number(s.inputs.days.value) || 0 })), h('li', null, t('buy.back_close')), h('li', null, t('buy.back_failed')), h('li', null, t('buy.paid_when'))),
    why ? h('p', { class: 'hint' }, why) : '',
    h('div', { class: 'actions' }, button(t('buy.review'), () => sign(s), 'primary', { disabled: why !== '' })));
}

const base64 = (text) => btoa(Array.from(new TextEncoder().encode(text), (b) => String.fromCharCode(b)).join(''));

async function sign(s) {
  const i = s.inputs;
  const body = {
    criteria: base64(s.document), title: i.title.value.trim() || s.doc.title, price: amount(toUmed(i.price.value)), targetCount: String(Number(i.count.value)),
    requiredCertificates: Number(i.k.value), validators: [...s.judges].sort(), expirySeconds: String(Number(i.days.value) * day), allowDuplicates: !s.unique.checked,
    terms: s.terms.filter((term) => term.title.trim()).map((term, n) => ({ id: n + 1, required: term.required, title: term.title.trim(), description: term.description.trim() })),
  };
  const done = await spend({
    method: 'CreatePool', body, title: t('buy.sign'), verb: t('buy.verb'),
    about: ({ about }) => [h('p', null, t('buy.about', { title: visible(body.title), n: Number(i.count.value), price: med(body.price) })),
      about.changes.length > 0 && h('div', null, h('p', { class: 'hint' }, t('buy.changes')), h('ul', { class: 'plain' }, about.changes.map((c) => h('li', null, foreign(c))))),
      h('p', { class: 'hint' }, t('buy.public'))],
  });
  if (!done) return;
  learn([done.pool]);
  s.parts.sum.replaceChildren(h('p', { role: 'status', class: 'good' }, t('buy.opened', { pool: count(done.pool.id) })), h('p', null, t('buy.then_pull')),
    h('div', { class: 'actions' }, button(t('pool.pull'), () => pullAll(done.pool), 'primary'), h('a', { class: 'button', href: `#/pool/${done.pool.id}` }, t('buy.to_pool'))));
}

// The check of a dataset: docs/spec/criteria.md, The check and The report. Schemas are ajv's
// business, drafts before 2020-12 and formats but "date" are nobody's here: what this check
// cannot judge throws, so that there is no verdict.
import Ajv from 'ajv/dist/2020.js'
import { sha512_256 } from '@noble/hashes/sha2.js'
import { be64, frames } from './bytes.js'
import { below, isObject, lines, parse, tokens } from './records.js'

const listed = 20
const ordinary = /^[A-Za-z_$][A-Za-z0-9_$.-]{0,63}$/
const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isDate(text) {
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number)
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (leap && month === 2 ? 1 : 0)
}

function compile(document) {
  if (document.schema.cid || !/2020-12/.test(document.schema.$schema ?? '2020-12')) throw new Error('schema of another draft, or by CID')
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: document.assert_formats === true, formats: { date: isDate } })
  return ajv.compile(document.schema)
}

const path = (parts) => parts.map((p) => '/' + String(p).replaceAll('~', '~0').replaceAll('/', '~1')).join('')

// undisclosed finds the values that no disclosed pointer leads to, the highest first.
function undisclosed(value, paths, at, found) {
  if (paths.some((p) => p.length === 0)) return
  if (Array.isArray(value)) {
    value.forEach((element, i) => element !== null && undisclosed(element, paths, [...at, i], found))
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const rest = below(paths, name)
      if (rest.length === 0) found.push({ path: path([...at, name]), rule: 'undisclosed' })
      else undisclosed(member, rest, [...at, name], found)
    }
  } else {
    found.push({ path: path(at), rule: 'undisclosed' })
  }
}

// ofSchema turns ajv's errors into findings.
function ofSchema(errors) {
  return errors.map(({ keyword, instancePath, params }) => {
    const member = params.missingProperty ?? params.additionalProperty
    return { path: instancePath + (member === undefined ? '' : path([member])), rule: `schema/${keyword}` }
  })
}

// values returns all that a pointer leads to, through arrays.
function values(value, [name, ...rest]) {
  if (Array.isArray(value)) return value.flatMap((element) => values(element, [name, ...rest]))
  if (name === undefined) return [value]
  return isObject(value) && Object.hasOwn(value, name) ? values(value[name], rest) : []
}

const canonical = (v) => JSON.stringify(v, (_, x) => (isObject(x) ? Object.fromEntries(Object.entries(x).sort()) : x))

function judge(record, run) {
  const found = []
  undisclosed(record, run.paths, [], found)
  run.keys.forEach((pointers, k) => {
    const key = pointers.map((p) => values(record, p))
    const text = canonical(key)
    if (key.some((v) => v.length === 0) || run.seen[k].has(text)) found.push({ path: '', rule: `unique/${k}` })
    run.seen[k].add(text)
  })
  if (!run.valid(record)) found.push(...ofSchema(run.valid.errors))
  return found
}

const byPath = (a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)) || Buffer.compare(Buffer.from(a.rule), Buffer.from(b.rule))

// check returns the report about the records of a deal.
export function check(document, fields, plaintext) {
  if (document.version !== 2 || document.media_type !== 'application/x-ndjson') throw new Error('criteria of another kind')
  const keys = (document.unique ?? []).map((list) => list.map(tokens))
  const run = { paths: fields.map(tokens), keys, seen: keys.map(() => new Set()), valid: compile(document) }
  const all = lines(Buffer.from(plaintext).toString('utf8'))
  const findings = []
  all.forEach((line, i) => {
    if (Buffer.byteLength(line) > (document.record_bytes?.max || 1 << 20)) throw new Error('a record that is too long')
    const found = judge(parse(line), run)
    const once = new Map(found.map((f) => [`${f.rule} ${f.path}`, f]))
    findings.push(...[...once.values()].sort(byPath).map((f) => ({ record: i + 1, ...f })))
  })
  const { min = 0, max = 0 } = document.records ?? {}
  if (all.length < Math.max(min, 1)) findings.push({ record: 0, path: '', rule: 'records/min' })
  if (max > 0 && all.length > max) throw new Error('more records than the criteria allow')
  if (findings.some((f) => tokens(f.path).some((t) => !ordinary.test(t) && !/^\d+$/.test(t)))) throw new Error('a name that may be data')
  const reason = findings.length === 0 ? 0 : findings.some((f) => f.rule === 'undisclosed') ? 4 : 3
  return { fields, records: all.length, bytes: plaintext.length, findings: findings.slice(0, listed), total: findings.length, reason }
}

// hash is that of a report, which a rejecting certificate's report hash covers.
export const hash = (criteria, r) => sha512_256(frames([
  ['domain', 'validation-report'], ['version', be64(1)], ['criteria', criteria], ...r.fields.map((f) => ['field', f]),
  ['records', be64(r.records)], ['bytes', be64(r.bytes)], ['reason', be64(r.reason)], ['total', be64(r.total)],
  ...r.findings.flatMap((f) => [['record', be64(f.record)], ['path', f.path], ['rule', f.rule]]),
]))

// unread is the report of a check that did not reach the records.
export const unread = (fields, reason) => ({ fields, records: 0, bytes: 0, findings: [], total: 0, reason })

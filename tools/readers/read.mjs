// A second reader of the formats of docs/spec/formats.md, on csv-parse and @noble/hashes.
// It reads cases, one JSON object on each line of standard input, and compares the rows that
// it finds with those of the case. A case: {name, media_type, gzip, columns, data (base64), rows}.
// A row is the text of a record, "!rule" for a defect, or "!!rule" for one of the dataset.

import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { blake3 } from '@noble/hashes/blake3.js'
import { parse } from 'csv-parse/sync'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const isUTF8 = (bytes) => {
  try {
    utf8.decode(bytes)
    return true
  } catch {
    return false
  }
}

const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

// quote writes a cell as a string of JSON.
const quote = (text) =>
  '"' +
  text.replace(/["\\\u0000-\u001f]/g, (c) => (c < ' ' ? '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0') : '\\' + c)) +
  '"'

const cellText = (cell, type) => {
  if ((type === 'number' || type === 'integer') && number.test(cell) && cell.length <= 256) return cell
  if (type === 'boolean' && /^(true|false)$/i.test(cell)) return cell.toLowerCase()
  return quote(cell)
}

// table reads a table whose only defects are blank lines, wrong numbers of cells, NUL, bytes
// that are no UTF-8, and a header that is none. Wrong quotes end csv-parse, also behind such a
// header: null.
const table = (bytes, separator, columns) => {
  let records
  try {
    records = parse(Buffer.from(bytes).toString('latin1').replace(/^\u00ef\u00bb\u00bf/, ''), {
      bom: false, delimiter: separator, record_delimiter: ['\r\n', '\n'], relax_column_count: true, raw: true,
    })
  } catch (error) {
    if (error.code?.startsWith('CSV_') || error.code?.startsWith('INVALID_')) return null
    throw error
  }
  if (records.length === 0) return ['!!table-header']
  const bytesOf = (cell) => Buffer.from(cell, 'latin1')
  const [header, ...rest] = records
  const decoded = header.record.map((cell) => (isUTF8(bytesOf(cell)) ? utf8.decode(bytesOf(cell)) : ''))
  if (new Set(decoded).size !== decoded.length || decoded.includes('')) return ['!!table-header']
  return rest.map(({ record, raw }) => {
    const text = raw.replace(/\r?\n?$/, '')
    if (text === '') return '!blank-line'
    if (text.includes('\0')) return '!table-nul'
    if (!isUTF8(bytesOf(text))) return '!utf8'
    if (record.length !== decoded.length) return '!table-cells'
    const members = record.flatMap((cell, i) => {
      if (cell === '') return []
      return [quote(decoded[i]) + ':' + cellText(utf8.decode(bytesOf(cell)), columns[decoded[i]])]
    })
    return '{' + members.join(',') + '}'
  })
}

const lines = (bytes) => {
  const text = utf8.decode(bytes)
  const list = text.split('\n')
  if (list.at(-1) === '') list.pop()
  return list.map((line) => (/^[ \t\r]*$/.test(line) ? '!blank-line' : line))
}

const bundle = (bytes) => {
  const { entry = [], ...rest } = JSON.parse(utf8.decode(bytes))
  const extras = entry.flatMap((e) => Object.keys(e).filter((name) => name !== 'resource'))
  for (const name of Object.keys(rest)) {
    if (name !== 'resourceType' && !(name === 'type' && rest.type === 'collection')) extras.push(name)
  }
  return { values: entry.filter((e) => 'resource' in e).map((e) => e.resource), extras: extras.length }
}

const kinds = [
  [0, '1f8b', 'application/gzip'], [0, '28b52ffd', 'application/zstd'], [0, '425a68', 'application/x-bzip2'],
  [0, 'fd377a585a00', 'application/x-xz'], [0, '504b0304', 'application/zip'], [0, '504b0506', 'application/zip'],
  [0, '255044462d', 'application/pdf'], [0, '50415231', 'application/vnd.apache.parquet'], [0, '89504e47', 'image/png'],
  [0, 'ffd8ff', 'image/jpeg'], [0, '47494638', 'image/gif'], [0, '49492a00', 'image/tiff'], [0, '4d4d002a', 'image/tiff'],
  [128, '4449434d', 'application/dicom'],
]

const kindOf = (bytes) => {
  const head = Buffer.from(bytes.subarray(0, 512))
  for (const [at, mark, kind] of kinds) {
    if (head.subarray(at, at + mark.length / 2).toString('hex') === mark) return kind
  }
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/.test(text.decode(head, { stream: true })) ? 'application/octet-stream' : 'text/plain'
  } catch {
    return 'application/octet-stream'
  }
}

const filesOf = (bytes) => {
  const view = Buffer.from(bytes)
  const files = []
  let at = 16
  for (let n = view.readUInt32LE(12); n > 0; n--) {
    const length = view.readUInt16LE(at)
    files.push({ path: view.toString('utf8', at + 2, at + 2 + length), size: Number(view.readBigUInt64LE(at + 2 + length)) })
    at += 2 + length + 8
  }
  for (const file of files) {
    file.bytes = view.subarray(at, at + file.size)
    at += file.size
  }
  return files
}

const sidecar = (bytes) => {
  const files = filesOf(bytes)
  const described = new Map(files.filter((f) => f.path !== 'files.ndjson').map((f) => [f.path, f]))
  const list = files.find((f) => f.path === 'files.ndjson')
  if (list === undefined) return ['!!sidecar/none']
  let broken = false
  const rows = lines(list.bytes).map((line) => {
    if (line === '!blank-line') return line
    const record = JSON.parse(line)
    const rule = defectOf(record, /"size":(\d+)[,}]/.exec(line) !== null, described)
    broken ||= rule !== ''
    return rule === '' ? line : '!' + rule
  })
  for (const file of described.values()) {
    if (file.record === undefined) {
      if (!broken) rows.push('!!sidecar/extra')
    } else if (Buffer.from(blake3(file.bytes)).toString('hex') !== file.record.blake3.toLowerCase()) {
      rows.push('!!sidecar/digest')
    } else if ('type' in file.record && file.record.type !== kindOf(file.bytes)) {
      rows.push('!!sidecar/type')
    }
  }
  return rows
}

const defectOf = (record, digits, described) => {
  const { path, size, blake3: digest, type } = record
  if (typeof path !== 'string' || !digits || typeof digest !== 'string' || !/^[0-9a-fA-F]{64}$/.test(digest)) return 'sidecar/entry'
  const file = described.get(path)
  if (file === undefined) return 'sidecar/missing'
  if (file.record !== undefined) return 'sidecar/twice'
  if (file.size !== size) return 'sidecar/size'
  file.record = record
  const known = [...kinds.map((kind) => kind[2]), 'text/plain', 'application/octet-stream']
  return 'type' in record && !known.includes(type) ? 'sidecar/type' : ''
}

// refusals are defects of which csv-parse may find wrong quotes first.
const refusals = ['!table-quotes', '!table-nul', '!utf8', '!!table-header']

// agrees reports whether the rows of a case are those that this reader finds.
const agrees = (one) => {
  let bytes = new Uint8Array(Buffer.from(one.data, 'base64'))
  if (one.gzip) bytes = new Uint8Array(gunzipSync(bytes))
  switch (one.media_type) {
    case 'text/csv':
    case 'text/tab-separated-values': {
      const rows = table(bytes, one.media_type === 'text/csv' ? ',' : '\t', one.columns)
      return rows === null ? one.rows.some((row) => refusals.includes(row)) : isDeepStrictEqual(rows, one.rows)
    }
    case 'application/fhir+json': {
      const { values, extras } = bundle(bytes)
      const found = one.rows.filter((row) => !row.startsWith('!')).map((row) => JSON.parse(row))
      return isDeepStrictEqual(values, found) && one.rows.length - found.length === extras
    }
    case 'application/vnd.pdx.files':
      return isDeepStrictEqual(sidecar(bytes), one.rows)
    default:
      return isDeepStrictEqual(lines(bytes), one.rows)
  }
}

const counts = {}
let failed = false
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const one = JSON.parse(line)
  const name = one.media_type + (one.gzip ? ' in gzip' : '')
  counts[name] ??= [0, 0]
  counts[name][1]++
  if (agrees(one)) {
    counts[name][0]++
  } else {
    failed = true
    console.error(`${one.name}: this reader does not find the rows of the case`)
  }
}
for (const [name, [equal, all]] of Object.entries(counts)) console.log(`${name}: ${equal} of ${all} files equal`)
process.exit(failed ? 1 : 0)

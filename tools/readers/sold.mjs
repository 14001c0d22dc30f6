// Reads what a buyer got with libraries that share no code with pdx: csv-parse, hyparquet,
// dicom-parser, pdf-lib, and Node's own JSON and SHA-256. Cases come as JSON objects, one on
// each line of standard input: {name, path, kind}; for each one line goes out: what was read.

import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parse } from 'csv-parse/sync'
import dicomParser from 'dicom-parser'
import { parquetReadObjects } from 'hyparquet'
import { PDFDocument } from 'pdf-lib'

const text = (path) => readFileSync(path, 'utf8')

// plain makes of hyparquet's values what JSON has: members without a value are left out.
const plain = (value) => {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null && v !== undefined).map(([k, v]) => [k, plain(v)]))
}

const readers = {
  csv: (path) => parse(text(path), { columns: true, bom: true }),
  ndjson: (path) => text(path).trimEnd().split('\n').map((line) => JSON.parse(line)),
  async parquet(path) {
    const bytes = readFileSync(path)
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    return plain(await parquetReadObjects({ file }))
  },
  bundle(path) {
    const { resourceType, type, entry } = JSON.parse(text(path))
    if (resourceType !== 'Bundle' || type !== 'collection') throw new Error('not a Bundle of the type collection')
    return entry.map((e) => e.resource)
  },
  dicom(path) {
    const set = dicomParser.parseDicom(readFileSync(path))
    return { patient: set.string('x00100020') ?? '', name: set.string('x00100010') ?? '', rows: set.uint16('x00280010') ?? 0 }
  },
  async pdf(path) {
    const doc = await PDFDocument.load(readFileSync(path))
    return { pages: doc.getPageCount(), title: doc.getTitle() ?? '' }
  },
  // croissant checks the description of a folder against its files, and reads its records by it.
  async croissant(path) {
    const meta = JSON.parse(text(join(path, 'croissant.json')))
    if (meta.conformsTo !== 'http://mlcommons.org/croissant/1.1') throw new Error('another version: ' + meta.conformsTo)
    const sums = Object.fromEntries(text(join(path, 'SHA256SUMS')).trimEnd().split('\n').map((line) => [line.slice(66), line.slice(0, 64)]))
    for (const [name, sum] of Object.entries(sums)) {
      if (createHash('sha256').update(readFileSync(join(path, name))).digest('hex') !== sum) throw new Error(name + ' has another digest')
    }
    const objects = meta.distribution.filter((d) => d['@type'] === 'cr:FileObject')
    for (const d of objects) {
      const at = join(path, decodeURIComponent(d.contentUrl))
      if (sums[d.name] !== d.sha256) throw new Error(d.name + ' has another digest in SHA256SUMS')
      if (`${statSync(at).size} B` !== d.contentSize) throw new Error(d.name + ' has another size')
    }
    const [set] = meta.recordSet
    const source = set.field[0].source.fileObject['@id']
    const found = objects.find((d) => d['@id'] === source)
    const kind = { 'text/csv': 'csv', 'application/x-parquet': 'parquet', 'application/jsonlines': 'ndjson' }[found.encodingFormat]
    const rows = await readers[kind](join(path, found.name))
    const names = set.field.map((f) => f.source.extract.column ?? f.source.extract.jsonPath.slice(3, -2))
    for (const row of rows) {
      for (const name of Object.keys(row)) {
        if (!names.includes(name)) throw new Error(name + ' is not described')
      }
    }
    return rows
  },
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { name, path, kind } = JSON.parse(line)
  try {
    console.log(JSON.stringify({ name, got: await readers[kind](path) }))
  } catch (error) {
    console.log(JSON.stringify({ name, error: String(error) }))
  }
}

// Package sample generates synthetic health records for demonstrations and tests: FHIR
// R4 Patient and Observation resources as NDJSON, valid under the FHIR R4 JSON Schema,
// and criteria documents that they meet.
//
// The people are not real. Every record says so in meta.tag (HTEST, "test health
// data"), telephone numbers are from a range that is reserved for fiction, and
// identifiers are under example.org. Only the statistics are realistic: height by sex,
// weight by height, blood pressure by age and weight, and visits over years.
//
// The same Options give the same bytes with the same build. A patient depends only on
// the seed and the patient's number. Therefore the Observation records of a seed refer
// to the Patient records of the same seed, and any number of records is generated in a
// few kilobytes of memory. The package models no disease and must not be used as a
// source of secrets.
//
// All functions are safe for concurrent use.
package sample

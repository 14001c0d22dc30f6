// Package sample makes synthetic health records for demonstrations and tests:
// FHIR R4 Patient and Observation resources as NDJSON, valid by the FHIR R4
// JSON Schema, and criteria documents that want them.
//
// Nobody in them exists. Every record says so in meta.tag (HTEST, "test health
// data"), telephone numbers are of the range kept for fiction, and identifiers
// are under example.org. What is realistic is the statistics: heights by sex,
// weight by height, blood pressure by age and weight, visits over years.
//
// The same Options give the same bytes from the same build. Patients do not depend
// on each other, so that the Observation records of a seed refer to its Patient
// records, and any number of them streams through a few kilobytes. It is no
// model of any disease, and no source of randomness for secrets.
//
// Functions may be called concurrently.
package sample

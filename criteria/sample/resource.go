package sample

import "encoding/json"

// The parts of FHIR R4 that the records have, in the order in which they are
// written.

type meta struct {
	Tag []coding `json:"tag"`
}

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

type concept struct {
	Coding []coding `json:"coding"`
	Text   string   `json:"text,omitempty"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type humanName struct {
	Use    string   `json:"use"`
	Family string   `json:"family"`
	Given  []string `json:"given"`
}

type contactPoint struct {
	System string `json:"system"`
	Value  string `json:"value"`
	Use    string `json:"use"`
}

type address struct {
	Line       []string `json:"line"`
	City       string   `json:"city"`
	State      string   `json:"state"`
	PostalCode string   `json:"postalCode"`
	Country    string   `json:"country"`
}

type patient struct {
	ResourceType  string         `json:"resourceType"`
	ID            string         `json:"id"`
	Meta          meta           `json:"meta"`
	Identifier    []identifier   `json:"identifier"`
	Name          []humanName    `json:"name"`
	Telecom       []contactPoint `json:"telecom"`
	Gender        string         `json:"gender"`
	BirthDate     string         `json:"birthDate,omitempty"`
	Address       []address      `json:"address"`
	MaritalStatus *concept       `json:"maritalStatus,omitempty"`
}

type reference struct {
	Reference string `json:"reference"`
}

type quantity struct {
	Value  json.Number `json:"value"`
	Unit   string      `json:"unit"`
	System string      `json:"system"`
	Code   string      `json:"code"`
}

type component struct {
	Code          concept  `json:"code"`
	ValueQuantity quantity `json:"valueQuantity"`
}

type observation struct {
	ResourceType      string      `json:"resourceType"`
	ID                string      `json:"id"`
	Meta              meta        `json:"meta"`
	Status            string      `json:"status,omitempty"`
	Category          []concept   `json:"category"`
	Code              concept     `json:"code"`
	Subject           reference   `json:"subject"`
	EffectiveDateTime string      `json:"effectiveDateTime"`
	ValueQuantity     *quantity   `json:"valueQuantity,omitempty"`
	Component         []component `json:"component,omitempty"`
}

// synthetic is FHIR's own mark for records of nobody.
var synthetic = meta{Tag: []coding{{"http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST", "test health data"}}}

const (
	loincSystem = "http://loinc.org"
	ucumSystem  = "http://unitsofmeasure.org"
)

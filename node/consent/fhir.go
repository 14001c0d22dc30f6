package consent

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The systems of codes in a FHIR Consent.
const (
	accountSystem = "urn:medibloc:pdx:account"
	dealSystem    = "urn:medibloc:pdx:deal:"
	fieldSystem   = "urn:medibloc:pdx:field"
	termsSystem   = "urn:medibloc:pdx:terms:"
	duoSystem     = "http://purl.obolibrary.org/obo/duo.owl"
)

type object map[string]any

// FHIR returns the document as a Consent resource of FHIR R4. The document itself is in it as
// the source, without its receipt: the resource alone proves nothing.
func (d Document) FHIR() ([]byte, error) {
	if err := d.Verify(); err != nil {
		return nil, err
	}
	d.Receipt = nil
	source, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	consent := object{
		"resourceType": "Consent",
		"id":           fmt.Sprintf("pdx-deal-%d", d.Deal),
		"identifier":   []object{{"system": dealSystem + d.ChainID, "value": d.Deal.String()}},
		"status":       d.status(),
		"scope":        concept("http://terminology.hl7.org/CodeSystem/consentscope", "research", "Research"),
		"category":     []object{concept("http://loinc.org", "59284-0", "Consent Document")},
		"dateTime":     instant(d.AgreedAt),
		"performer":    []object{party(string(d.Seller), "")},
		"organization": []object{party(string(d.Buyer), "")},
		"policy":       []object{{"uri": termsSystem + d.TermsHash}},
		"provision":    d.provision(),
		"sourceAttachment": object{
			"contentType": "application/json", "title": Format, "data": base64.StdEncoding.EncodeToString(source), "creation": instant(d.Made),
		},
	}
	return json.MarshalIndent(consent, "", "  ")
}

// status is active until the consent was withdrawn, its end has passed or the deal came to nothing.
func (d Document) status() string {
	switch {
	case d.Withdrawn != nil, d.Until != "" && d.Made.Format(time.DateOnly) > d.Until:
		return "inactive"
	case d.State == "lapsed", d.State == "unacked", d.State == "undelivered", d.State == "failed":
		return "inactive"
	}
	return "active"
}

// provision permits the use of the disclosed fields by the buyer; within it, each term that was
// not agreed to is denied.
func (d Document) provision() object {
	p := object{
		"type":   "permit",
		"period": d.period(),
		"actor": []object{{
			"role":      concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient"),
			"reference": party(string(d.Buyer), "recipient"),
		}},
	}
	var fields, purposes, inner []object
	for _, field := range d.Fields {
		fields = append(fields, object{
			"coding": []object{{"system": fieldSystem, "code": strings.Join(strings.Fields(cmp.Or(field, "#")), " ")}}, "text": filled(field),
		})
	}
	for _, purpose := range d.Purposes {
		purposes = append(purposes, object{"system": duoSystem, "code": strings.Replace(purpose, ":", "_", 1)})
	}
	for _, t := range d.Terms {
		kind := "deny"
		if t.Agreed {
			kind = "permit"
		}
		inner = append(inner, object{"type": kind, "code": []object{{
			"coding": []object{{"system": termsSystem + d.TermsHash, "code": fmt.Sprint(t.ID), "display": oneLine(t.Title)}},
			"text":   filled(t.Title + ": " + t.Description),
		}}})
	}
	for name, list := range map[string][]object{"code": fields, "purpose": purposes, "provision": inner} {
		if len(list) > 0 {
			p[name] = list
		}
	}
	return p
}

func (d Document) period() object {
	period := object{"start": instant(d.AgreedAt)}
	if d.Until != "" {
		period["end"] = d.Until
	}
	if d.Withdrawn != nil {
		period["end"] = instant(*d.Withdrawn)
	}
	return period
}

func concept(system, code, display string) object {
	coding := object{"system": system, "code": code}
	if display != "" {
		coding["display"] = display
	}
	return object{"coding": []object{coding}}
}

// party refers to an account, which is no resource of anybody's.
func party(account, display string) object {
	reference := object{"identifier": object{"system": accountSystem, "value": account}}
	if display != "" {
		reference["display"] = display
	}
	return reference
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// oneLine and filled are texts as FHIR takes them: not empty, and not white space only.
func oneLine(s string) string { return filled(strings.Join(strings.Fields(s), " ")) }

func filled(s string) string {
	if strings.TrimSpace(s) == "" {
		return "-"
	}
	return strings.TrimSpace(s)
}

package sample

import (
	"fmt"
	"time"
)

func (p *person) patient() patient {
	city, status := cities[p.city], maritalStatuses[p.married]
	return patient{
		ResourceType: string(Patient),
		ID:           p.id,
		Meta:         synthetic,
		Identifier:   []identifier{{"https://example.org/synthetic-person", "SYN-" + p.id[:8]}},
		Name:         []humanName{{"official", p.family, []string{p.given}}},
		Telecom:      []contactPoint{{"phone", fmt.Sprintf("555-01%02d", p.phone), "home"}},
		Gender:       p.gender(),
		BirthDate:    p.birth.Format(time.DateOnly),
		Address:      []address{{[]string{fmt.Sprintf("%d Example Street", p.street)}, city.city, city.state, city.postal, "XX"}},
		MaritalStatus: &concept{Coding: []coding{
			{"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", status.code, status.display},
		}},
	}
}

func (p *person) gender() string {
	if p.female {
		return "female"
	}
	return "male"
}

// breakPatient breaks one of the criteria, the which-th in turn.
func breakPatient(r *patient, which uint64) {
	switch which % 3 {
	case 0:
		r.BirthDate = ""
	case 1:
		r.Gender = "not asked"
	case 2:
		r.BirthDate = "1984-13-41"
	}
}

package sample

import (
	"encoding/json"
	"strconv"
	"time"
)

// vitals are measured at one visit.
type vitals struct {
	at     time.Time
	values []float64
}

// vital is a measure as LOINC and UCUM name it. Low and high are what the
// criteria believe; generated values lie well within.
type vital struct {
	loinc, display string
	unit, ucum     string
	digits         int
	low, high      float64
}

// The measures of a visit, in the order of the observations. Blood pressure is
// a panel of two components.
var (
	height      = vital{"8302-2", "Body height", "cm", "cm", 1, 100, 250}
	weight      = vital{"29463-7", "Body weight", "kg", "kg", 1, 25, 300}
	bmi         = vital{"39156-5", "Body mass index (BMI) [Ratio]", "kg/m2", "kg/m2", 1, 10, 80}
	pulse       = vital{"8867-4", "Heart rate", "/min", "/min", 0, 30, 220}
	breaths     = vital{"9279-1", "Respiratory rate", "/min", "/min", 0, 5, 60}
	temperature = vital{"8310-5", "Body temperature", "Cel", "Cel", 1, 32, 43}
	saturation  = vital{"59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%", "%", 0, 50, 100}
	pressure    = vital{"85354-9", "Blood pressure panel with all children optional", "", "", 0, 0, 0}
	systolic    = vital{"8480-6", "Systolic blood pressure", "mmHg", "mm[Hg]", 0, 60, 260}
	diastolic   = vital{"8462-4", "Diastolic blood pressure", "mmHg", "mm[Hg]", 0, 30, 160}

	measures = []vital{height, weight, bmi, pulse, breaths, temperature, saturation, pressure}
)

// measure draws a visit: what stays, a drift of years, and the day's noise.
func (p *person) measure(n uint64) vitals {
	at := p.first.AddDate(0, int(n%7)*5, 0).Add(time.Duration(n/7) * 26 * time.Hour)
	kg := clamp(p.weight*(1+0.004*float64(n%7))+p.normal(0, 0.8), 35, 250)
	index := kg / (p.height * p.height)
	fever := max(0, p.normal(-1.2, 0.8))
	sys := clamp(p.systolic+p.normal(0, 6), 85, 210)
	rate := clamp(p.pulse+9*fever+p.normal(0, 4), 42, 170)
	return vitals{at: at, values: []float64{
		100 * p.height, kg, index, rate,
		clamp(11+0.05*rate+p.normal(0, 1.2), 9, 30),
		clamp(36.7+fever+p.normal(0, 0.2), 35.5, 40.5),
		clamp(p.normal(98.2-0.03*max(0, index-25), 0.8), 90, 100),
		sys, clamp(0.48*sys+19+p.normal(0, 4), 45, sys-15),
	}}
}

// observation is the i-th of a person; they are asked for in order.
func (p *person) observation(i uint64) observation {
	which := i % uint64(len(measures))
	if which == 0 {
		p.visit = p.measure(p.visits)
		p.visits++
	}
	m := measures[which]
	o := observation{
		ResourceType: string(Observation), ID: newID(p.rand), Meta: synthetic, Status: "final",
		Category: []concept{{Coding: []coding{
			{"http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital Signs"},
		}}},
		Code:              m.concept(),
		Subject:           reference{string(Patient) + "/" + p.id},
		EffectiveDateTime: p.visit.at.Format(time.RFC3339),
	}
	values := p.visit.values[which:]
	if m == pressure {
		o.Component = []component{{systolic.concept(), systolic.quantity(values[0])}, {diastolic.concept(), diastolic.quantity(values[1])}}
		return o
	}
	q := m.quantity(values[0])
	o.ValueQuantity = &q
	return o
}

func (v vital) concept() concept {
	return concept{Coding: []coding{{loincSystem, v.loinc, v.display}}, Text: v.display}
}

func (v vital) quantity(x float64) quantity {
	return quantity{json.Number(strconv.FormatFloat(x, 'f', v.digits, 64)), v.unit, ucumSystem, v.ucum}
}

// breakObservation breaks one of the criteria, the which-th in turn.
func breakObservation(o *observation, which uint64) {
	switch {
	case which%3 == 0:
		o.Status = ""
	case which%3 == 1:
		o.Subject.Reference = "somebody"
	case o.ValueQuantity != nil:
		o.ValueQuantity.Value = "-1"
	default:
		o.Component[0].ValueQuantity.Value = "9000"
	}
}

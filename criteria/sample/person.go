package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// person is somebody who does not exist. Units are SI with kilograms, metres
// and millimetres of mercury.
type person struct {
	rand           *rand.Rand
	id             string
	female         bool
	family, given  string
	married        int // index into maritalStatuses
	street         int
	city           int
	phone          int
	birth          time.Time
	height, weight float64
	systolic       float64 // at rest, over years
	pulse          float64
	first          time.Time // visit
	visit          vitals    // of the last visit asked for
	visits         uint64
}

// epoch is the day before which all visits lie; nothing depends on the clock.
var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	day  = 24 * time.Hour
	year = 365.25 * 24 * float64(time.Hour)
)

func newPerson(seed, index uint64) *person {
	r := source(seed, index)
	p := &person{rand: r, id: newID(r), female: r.IntN(2) == 0}
	p.family = families[r.IntN(len(families))]
	p.given = givenMale[r.IntN(len(givenMale))]
	if p.female {
		p.given = givenFemale[r.IntN(len(givenFemale))]
	}
	p.married, p.street, p.city, p.phone = r.IntN(len(maritalStatuses)), r.IntN(900)+100, r.IntN(len(cities)), r.IntN(100)
	age := 20 + 65*math.Sqrt(r.Float64()*r.Float64())
	p.birth = epoch.Add(-time.Duration(age * year)).Truncate(day)
	p.first = epoch.AddDate(-3, 0, -r.IntN(360)).Add(time.Duration(8*60+r.IntN(9*60)) * time.Minute)
	p.body(age)
	return p
}

// body draws what stays with a person, by the usual means and deviations.
func (p *person) body(age float64) {
	p.height = clamp(p.normal(1.77, 0.07), 1.5, 2.1)
	if p.female {
		p.height = clamp(p.normal(1.64, 0.065), 1.4, 1.95)
	}
	bmi := clamp(p.normal(23.5+0.06*(age-20), 3.6), 17, 45)
	p.weight = bmi * p.height * p.height
	p.systolic = clamp(p.normal(104+0.38*(age-20)+0.9*(bmi-24), 9), 88, 190)
	p.pulse = clamp(p.normal(70+0.4*(bmi-24), 8), 46, 110)
}

func (p *person) normal(mean, deviation float64) float64 {
	return mean + deviation*p.rand.NormFloat64()
}

func clamp(x, low, high float64) float64 { return min(max(x, low), high) }

// newID is a UUID of version 4 by its form; it comes from the seed.
func newID(r *rand.Rand) string {
	a, b := r.Uint64(), r.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}

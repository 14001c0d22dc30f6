package sample

// Names end in a digit, as Synthea's do: nobody is called so.
var (
	families = []string{
		"Abara1", "Bergstrom2", "Castellan3", "Dvorak4", "Ekblad5", "Fairweather6", "Gomes7", "Hanazawa8", "Ivarsson9",
		"Jung1", "Kowalczyk2", "Larkspur3", "Moon4", "Nakagawa5", "Okafor6", "Pak7", "Quillon8", "Rosales9",
		"Seo1", "Thistle2", "Ueda3", "Vasquez4", "Whitlock5", "Yoon6",
	}
	givenFemale = []string{
		"Ada1", "Bora2", "Clara3", "Dalia4", "Eun5", "Fatima6", "Greta7", "Hana8", "Ines9",
		"Jiwoo1", "Kaya2", "Lena3", "Mina4", "Noor5", "Olive6", "Priya7",
	}
	givenMale = []string{
		"Arlo1", "Bram2", "Cho3", "Dario4", "Emil5", "Farid6", "Gil7", "Hugo8", "Ivo9",
		"Jun1", "Kofi2", "Leon3", "Min4", "Nils5", "Otto6", "Pavel7",
	}
)

// maritalStatuses are codes of HL7's v3-MaritalStatus, about as often as in life.
var maritalStatuses = []codingOf{
	{"M", "Married"},
	{"M", "Married"},
	{"M", "Married"},
	{"M", "Married"},
	{"S", "Never Married"},
	{"S", "Never Married"},
	{"D", "Divorced"},
	{"W", "Widowed"},
}

type codingOf struct{ code, display string }

var cities = []struct{ city, state, postal string }{
	{"Exampleton", "ZZ", "00101"}, {"Sampleville", "ZZ", "00202"}, {"Mockford", "ZZ", "00303"}, {"Placeholder Bay", "ZZ", "00404"},
}

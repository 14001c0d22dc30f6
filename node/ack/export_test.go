package ack

// PlacesEach is placesEach.
const PlacesEach = placesEach

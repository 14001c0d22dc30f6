package voucher

// PlacesEach is placesEach.
const PlacesEach = placesEach

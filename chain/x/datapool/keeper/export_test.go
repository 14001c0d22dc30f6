package keeper

// KnownComplaint is a row of known_complaints.json.
type KnownComplaint = knownComplaint

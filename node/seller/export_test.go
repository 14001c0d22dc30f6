package seller

// OnePassFrom changes the size of data from which on a service seals what it reads.
func (s *Service) OnePassFrom(size uint64) { s.onePassFrom = size }

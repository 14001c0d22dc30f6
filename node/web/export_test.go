package web

import "github.com/medibloc/pdx/internal/message"

// Speak makes a server that is not started yet show the page in one language.
func (s *Server) Speak(texts *message.Catalog) error {
	only, err := newFiles(texts)
	s.page = page{message.For().Lang(): only}
	return err
}

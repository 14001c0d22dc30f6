// Package web serves the marketplace page of a node: what its owner sees, sells and
// buys in a browser on the same machine.
//
// The page is plain HTML, CSS and JavaScript inside the binary, without a build
// step and without anything from elsewhere. Its texts come from the message
// catalogue (internal/message): the HTML is a template, and scripts read
// texts.json. It polls the local API (Connect's JSON over HTTP: POST
// /pdx.node.v1.NodeService/Method) every two seconds, and pauses while hidden.
// docs/spec/page.md describes all that it answers.
//
// A browser also runs other sites, and other users of the machine can reach its
// loopback address. These checks protect the page, in the order in which a
// request meets them:
//
//   - the listener is on a loopback address, or there is none;
//   - Host is that address or localhost, which defeats DNS rebinding; Origin,
//     if there is one, is the page's own;
//   - the page's files are public and hold nothing; everything else needs the
//     token of a session, made with a key that is new at each start, which names
//     the session's scopes and its end (token.go);
//   - of the API's calls only methods that read pass, and behind them is a
//     Reader, which has no others;
//   - what changes something is one of a short list of actions (action.go), each
//     with the scopes that it needs; what spends is first quoted and then
//     confirmed with the same sum (quote.go, spend.go);
//   - a Content-Security-Policy lets the page load nothing but its own files
//     and talk to nobody but this server, and lets no script make markup out of
//     text: titles and findings come from strangers.
//
// The owner gets a token as the fragment of a link, which browsers do not
// send, made with the key in web.token (0600) in the node's home: `pdx web`
// prints it. There are no cookies. Who may read the owner's files or memory is
// the owner.
//
// A Server is started and stopped once each by one goroutine; Stop waits.
package web

// Package web serves the marketplace page of a node: what its owner sees in a
// browser on the same machine. It shows and changes nothing.
//
// The page is plain HTML, CSS and JavaScript inside the binary, without a build
// step and without anything from elsewhere. Its texts come from the message
// catalogue (internal/message): the HTML is a template, and scripts read
// texts.json. It polls the local API (Connect's JSON over HTTP: POST
// /pdx.node.v1.NodeService/Method) every two seconds, and pauses while hidden.
//
// A browser also runs other sites, and other users of the machine can reach its
// loopback address. These checks protect the page, in the order in which a
// request meets them:
//
//   - the listener is on a loopback address, or there is none;
//   - Host is that address or localhost, which defeats DNS rebinding; Origin,
//     if there is one, is the page's own;
//   - the page's files are public and hold nothing; a call of the API needs a
//     random token that is new at each start and compared in constant time;
//   - only methods that read pass, and behind them is a Reader, which has no
//     others;
//   - a Content-Security-Policy lets the page load nothing but its own files
//     and talk to nobody but this server, and lets no script make markup out of
//     text: titles and findings come from strangers.
//
// The owner gets the token as the fragment of a link, which browsers do not
// send, from the file web.token (0600) in the node's home: `pdx web` prints it.
// There are no cookies. Who may read the owner's files or memory is the owner.
//
// A Server is started and stopped once each by one goroutine; Stop waits.
package web

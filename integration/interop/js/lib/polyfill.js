// Node 20 lacks Promise.withResolvers, which libp2p 3 uses.
Promise.withResolvers ??= function withResolvers() {
  let resolve, reject
  const promise = new Promise((yes, no) => { [resolve, reject] = [yes, no] })
  return { promise, resolve, reject }
}

import dns from 'node:dns';

// Every *.localhost is loopback (RFC 6761). Browsers resolve it themselves; the system resolver that Node uses may not.
const { lookup } = dns.promises;

dns.promises.lookup = ((host: string, options: dns.LookupOptions) => {
  if (!host.endsWith('.localhost')) return lookup(host, options);
  const loopback = { address: '127.0.0.1', family: 4 };
  return Promise.resolve(options.all ? [loopback] : loopback);
}) as typeof lookup;

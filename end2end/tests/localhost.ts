import dns from 'node:dns';

// Every *.localhost is this machine (RFC 6761). Browsers know it; the system's resolver, which Node asks, may not.
const { lookup } = dns.promises;

dns.promises.lookup = ((host: string, options: dns.LookupOptions) => {
  if (!host.endsWith('.localhost')) return lookup(host, options);
  const here = { address: '127.0.0.1', family: 4 };
  return Promise.resolve(options.all ? [here] : here);
}) as typeof lookup;

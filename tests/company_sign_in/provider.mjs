// A company's identity provider: oidc-provider as it comes, with its own pages to sign in and to agree.
//
//     node provider.mjs '{"port": 9400, "portal": "http://127.0.0.1:8330", "people": {"petra": {...claims}}, "backchannel": "..."}'
//
// Whoever types a name of `people` is that person; the password is not looked at. It says `ready` when it answers.

import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const told = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${told.port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'portal',
    client_secret: 'a secret of the company & of the portal',
    redirect_uris: [`${told.portal}/sign-in/company/callback`],
    post_logout_redirect_uris: [`${told.portal}/sign-in`],
    backchannel_logout_uri: told.backchannel,
    backchannel_logout_session_required: true,
  }],
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', 'given_name', 'family_name', 'locale', 'groups'],
  },
  cookies: { keys: ['of a test'] },
  features: {
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
  },
  // It calls nobody on its own machine, where the portal is in a test, unless it is told how.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  findAccount: (_ctx, id) => (told.people[id] ? {
    accountId: id,
    claims: () => ({ sub: id, ...told.people[id] }),
  } : undefined),
  ttl: { Session: 3600, Grant: 3600, AccessToken: 600, IdToken: 600, Interaction: 600 },
});

provider.on('backchannel.error', (_ctx, error) => console.error(`logout: ${error.message} ${error.cause ?? ''}`));

createServer(provider.callback()).listen(told.port, '127.0.0.1', () => console.log('ready'));

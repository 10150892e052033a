// Trusted Types: htmx parses the portal's own answers; nothing else may make HTML, and nothing may make scripts.
// Loaded after htmx and before its extensions.
const policy = self.trustedTypes?.createPolicy("htmx", { createHTML: (text) => text, createScript: () => "" });

htmx.registerExtension("trusted-types", {
  init(api) {
    if (policy) api.initSecurity(policy);
  },
});

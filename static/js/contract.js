// The page that describes the API: draws the document that the portal serves itself.
const here = document.getElementById("contract");

self.SwaggerUIBundle({
  url: here.dataset.document,
  domNode: here,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});

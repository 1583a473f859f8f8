// Takes what is shared with the app from a phone's share sheet, and keeps it until somebody says on a page of the app whether it is
// to be uploaded: any page of the web can send such a form. That is all it does: it controls no page, and what it does not know
// goes to the server.

const TARGET = '/assets/share';

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  if (method === 'POST' && new URL(url).pathname === TARGET) event.respondWith(take(event.request));
});

async function take(request) {
  const photos = (await request.formData()).getAll('photos').filter((photo) => photo instanceof File);
  await keep(photos);
  return Response.redirect('/?shared', 303);
}

async function keep(photos) {
  const database = await open();
  const transaction = database.transaction('shared', 'readwrite');
  for (const photo of photos) transaction.objectStore('shared').add(photo);
  await new Promise((done, fail) => {
    transaction.oncomplete = done;
    transaction.onabort = () => fail(transaction.error);
  });
  database.close();
}

// The page's queue lies in the same database: app/src/photos/uploads/idb.rs.
function open() {
  return new Promise((done, fail) => {
    const request = indexedDB.open('shoebox-uploads', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('notes');
      request.result.createObjectStore('files');
      request.result.createObjectStore('shared', { autoIncrement: true });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

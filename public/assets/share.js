// A service worker that only handles the web app's share target: it stores shared files until the user confirms the upload on a page,
// as any site could submit such a form. It controls no pages; all other requests go to the server.

const TARGET = '/assets/share';

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  if (method === 'POST' && new URL(url).pathname === TARGET) event.respondWith(receive(event.request));
});

async function receive(request) {
  const photos = (await request.formData()).getAll('photos').filter((photo) => photo instanceof File);
  await store(photos);
  return Response.redirect('/?shared', 303);
}

async function store(photos) {
  const database = await open();
  const transaction = database.transaction('shared', 'readwrite');
  for (const photo of photos) transaction.objectStore('shared').add(photo);
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  database.close();
}

// The same database as the upload queue's: app/src/photos/uploads/idb.rs.
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('shoebox-uploads', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('notes');
      request.result.createObjectStore('files');
      request.result.createObjectStore('shared', { autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

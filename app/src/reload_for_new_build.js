{
    const reloadIfGone = async (address) => {
        try {
            const { host, pathname } = new URL(address);
            if (host !== location.host || !pathname.startsWith('/pkg/')) return;
            const { status } = await fetch(address, { method: 'HEAD' });
            if (![403, 404].includes(status) || sessionStorage.getItem(`gone ${address}`)) return;
            sessionStorage.setItem(`gone ${address}`, 'reloaded');
            location.reload();
        } catch {}
    };
    addEventListener('error', ({ target }) => reloadIfGone(target?.href || target?.src), true);
    addEventListener('unhandledrejection', ({ reason }) => reloadIfGone(/https?:[^\s"']+/.exec(reason?.message)?.[0]));
}

package io.podlb.server.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Epoll without the truncation of half-closed streams.
 *
 * <p>From 4.2.13 on Netty takes a descriptor out of epoll when its interest becomes empty, as it does after the peer's
 * FIN while nothing is to be written, but still believes it registered. The next interest then fails with "no such
 * file", and what was to be written is lost behind a clean end of stream. Here an interest never becomes empty: edge
 * trigger alone takes its place, which reports nothing but errors and hang-up, each once.
 */
final class EpollGuard implements IoHandlerFactory {

    private final IoHandlerFactory delegate;

    EpollGuard(IoHandlerFactory delegate) {
        this.delegate = delegate;
    }

    @Override
    public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new GuardedHandler(delegate.newHandler(executor));
    }

    @Override
    public boolean isChangingThreadSupported() {
        return delegate.isChangingThreadSupported();
    }

    private static final class GuardedHandler implements IoHandler {
        private final IoHandler delegate;

        GuardedHandler(IoHandler delegate) {
            this.delegate = delegate;
        }

        @Override
        public void initialize() {
            delegate.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
            return delegate.run(context);
        }

        @Override
        public void prepareToDestroy() {
            delegate.prepareToDestroy();
        }

        @Override
        public void destroy() {
            delegate.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return new GuardedRegistration(delegate.register(handle));
        }

        @Override
        public void wakeup() {
            delegate.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> handleType) {
            return delegate.isCompatible(handleType);
        }
    }

    private static final class GuardedRegistration implements IoRegistration {
        private final IoRegistration delegate;

        GuardedRegistration(IoRegistration delegate) {
            this.delegate = delegate;
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // the signature is Netty's
        public <T> T attachment() {
            return delegate.attachment();
        }

        @Override
        public long submit(IoOps ops) {
            boolean empty = ops instanceof EpollIoOps epollOps && epollOps.equals(EpollIoOps.NONE);
            return delegate.submit(empty ? EpollIoOps.EPOLLET : ops);
        }

        @Override
        public boolean isValid() {
            return delegate.isValid();
        }

        @Override
        public boolean cancel() {
            return delegate.cancel();
        }
    }
}

import type { Wait } from '../gdb/types.js'

/**
 * Waits of libraries that build their locks on the futex system call and not on glibc's, by plain name. Sources: Rust's
 * library/std/src/sys/sync; libstdc++ bits/atomic_wait.h and semaphore_base.h, libc++ atomic.cpp; libgomp config/linux;
 * glib gthread-posix.c; abseil synchronization/mutex.cc; folly synchronization; parking_lot; Qt qmutex_linux.cpp;
 * gperftools spinlock.cc.
 */
export const USER_SPACE_WAITS: readonly (readonly [RegExp, Wait['kind']])[] = [
  [
    /^(std::sys::.*::Mutex::lock_contended|std::sync::(poison::)?mutex::Mutex<.*>::lock|parking_lot::raw_mutex::RawMutex::lock_slow|parking_lot::remutex.*lock.*|g_mutex_lock(_slowpath)?|g_rec_mutex_lock(_slowpath)?|gomp_mutex_lock_slow|QBasicMutex::lockInternal|QMutex::lock|absl::(\w+::)?Mutex::(Lock|LockSlow\w*|lock)|(\w+::)*SpinLock::(SlowLock|Lock)|folly::(\w+::)*MicroLock\w*::lock\w*|folly::(\w+::)*DistributedMutex<.*>::lock\w*)$/,
    'mutex',
  ],
  [
    /^(std::sys::.*::RwLock::read_contended|parking_lot::raw_rwlock::RawRwLock::lock_shared_slow|g_rw_lock_reader_lock|absl::(\w+::)?Mutex::ReaderLock\w*|folly::SharedMutex\w*<.*>::lock_shared\w*)$/,
    'rwlock-read',
  ],
  [
    /^(std::sys::.*::RwLock::write_contended|parking_lot::raw_rwlock::RawRwLock::lock_exclusive_slow|g_rw_lock_writer_lock|folly::SharedMutex\w*<.*>::lock\w*)$/,
    'rwlock-write',
  ],
  [
    /^(std::sys::.*::Condvar::wait\w*|std::sync::(poison::)?condvar::Condvar::wait\w*(<.*>)?|std::(sys::.*::Parker::park\w*|thread::(current::)?park\w*)|parking_lot::condvar::Condvar::wait\w*|g_cond_wait\w*|absl::(\w+::)?CondVar::Wait\w*|absl::(\w+::)?Mutex::(Await\w*|LockWhen\w*)|(\w+::)*(Parker|PlatformEvent|PlatformMonitor|ObjectMonitor|Monitor)::(park|wait|IWait)\w*|std::.*atomic(_flag|<.*>)?::wait|std::__atomic_(wait|base).*|std::__1::__libcpp_atomic_wait|QWaitCondition::wait)$/,
    'condvar',
  ],
  [
    /^(std::(__1::)?(__)?(atomic|counting|binary)_semaphore(_base)?(<.*>)?::(_M_acquire|acquire|_M_do_try_acquire|_M_try_acquire\w*)|std::__(atomic|platform)_semaphore\w*::_M_acquire|gomp_sem_wait\w*|folly::(\w+::)*Baton<.*>::\w*[wW]ait\w*|folly::LifoSem\w*::wait|QSemaphore::acquire|uv_sem_wait)$/,
    'semaphore',
  ],
  [
    /^(gomp_(simple_|team_)?barrier_wait\w*|gomp_thread_start|kmp_\w*(barrier|suspend|wait)\w*|std::(__1::)?(latch|barrier(<.*>)?)::(wait|arrive_and_wait)|std::sync::barrier::Barrier::wait)$/,
    'barrier',
  ],
  [
    /^(std::sys::.*::Once::(call|wait)\w*|std::sync::(poison::)?once::Once::call_once\w*(<.*>)?|g_once_impl|absl::.*CallOnceImpl.*)$/,
    'once',
  ],
]

/** What lies between such a wait and its system call. */
export const USER_SPACE_PLUMBING =
  /^(std::sys::.*::futex(::\w+)*::futex_wait|std::sys::.*::futex_wait|std::(__detail::)?__(platform_wait|wait_until|atomic_wait)\w*(<.*>)?(::.*)?|std::__1::__(libcpp_)?(platform|contention)_wait\w*|do_wait|base::internal::SpinLockDelay|AbslInternal(PerThreadSemWait|SpinLockDelay)\w*|absl::.*(Waiter|PerThreadSem|KernelTimeout|Futex\w*|Synch\w*)::(Wait|WaitUntil|Futex\w*)\w*|absl::(\w+::)?Mutex::Block|folly::(\w+::)*(nativeF|f)utexWaitImpl|parking_lot_core::.*|QtLinuxFutex::.*|futexWait)$/

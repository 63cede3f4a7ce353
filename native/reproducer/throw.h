#ifndef CGO_DEADLOCK_THROW_H
#define CGO_DEADLOCK_THROW_H

#ifdef __cplusplus
extern "C" {
#endif

// Throws one C++ exception and catches it.
void throw_and_catch(void);

// Throws and catches for ever, counting in the calling thread's slot. Never returns.
void throw_for_ever(void);

// From now on a thread that reaches std::terminate stays as it is, for a debugger to look at.
void keep_terminated_threads(void);

#ifdef __cplusplus
}
#endif

#endif
